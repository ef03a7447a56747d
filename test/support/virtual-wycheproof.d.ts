/** See `wycheproof.ts`. File names as in the folder, such as `aes_gcm_test.json`; `SOURCE.md` holds their hashes. */
declare module 'virtual:wycheproof' {
  const files: { readonly [name: string]: string };
  export default files;
}
