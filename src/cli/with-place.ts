import type { RecordBackend } from '../core/record-backend.ts';
import { TokenkeepError } from '../core/tokenkeep-error.ts';
import { about } from './about.ts';
import { type OpenOptions, openPlace } from './open-place.ts';
import { parsePlace } from './place.ts';
import { type PlaceSettings, passwordVariable } from './place-settings.ts';

/** What is wanted of a place. */
export interface PlaceRequest {
  /** The option or argument that names it, for messages. */
  readonly setting: string;
  /** As it was written. */
  readonly place: string;
  readonly settings: PlaceSettings;
  readonly access: Exclude<OpenOptions['access'], 'make'>;
}

/**
 * Opens a place that holds records, and closes it after the work.
 *
 * @throws `E_CONFIG` when the place is none or nothing is there; what the work throws, with the name of the setting before it.
 */
export function withPlace<Result>(
  { setting, place: text, settings, access }: PlaceRequest,
  work: (backend: RecordBackend) => Promise<Result>,
): Promise<Result> {
  const open = async (): Promise<Result> => {
    const place = parsePlace(text, passwordVariable);
    const { config, env, remote, persistTo } = settings;
    if (place.kind !== 'd1' && [config, env, remote, persistTo].some((value) => value !== undefined)) {
      throw new TokenkeepError('E_CONFIG', '--config, --env, --remote and --persist-to are for a place such as d1:DB');
    }
    const password = process.env[passwordVariable] ?? '';
    const backend = await openPlace(place, { ...settings, password, access });
    if (backend === undefined) {
      throw new TokenkeepError('E_CONFIG', 'no records were ever kept there; check how the place is written');
    }
    try {
      return await work(backend);
    } finally {
      await backend.close();
    }
  };
  return about(setting, open, passwordVariable);
}
