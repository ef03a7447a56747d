/** Variables of the environment whose names begin with `VITE_`, which Vite hands on to the tests. */
interface ImportMeta {
  readonly env: { readonly VITE_REFRESH_MODEL?: string };
}
