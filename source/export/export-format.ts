import type {Session} from '../../state/session/session.js';

/** The forms an export can take, by the name the command line and file names use. */
export type ExportFormat = 'md' | 'jsonl' | 'txt' | 'cast';

/** Every name a form goes by, the long ones of the console included. */
const formatNames: Readonly<Record<string, ExportFormat>> = {
	md: 'md',
	markdown: 'md',
	jsonl: 'jsonl',
	txt: 'txt',
	text: 'txt',
	cast: 'cast',
	asciicast: 'cast',
};

/** The form of a name such as `markdown` or `md`; `undefined` for any other. */
export const exportFormatOf = (name: string): ExportFormat | undefined =>
	Object.hasOwn(formatNames, name) ? formatNames[name] : undefined;

const longestSlug = 40;

/** A label as a part of a file name: lower-case ASCII letters, digits and dashes; empty when nothing of it can be kept. */
const slug = (label: string): string =>
	label
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, '-')
		.slice(0, longestSlug)
		.replaceAll(/^-+|-+$/g, '');

/** The name a file gets unless told otherwise: `<label>-<session id>.<form>`. Never holds a slash or begins with a dot or dash. */
export const exportFileName = ({id, label}: Pick<Session, 'id' | 'label'>, format: ExportFormat): string =>
	[slug(label), `${id.replaceAll(/[^\w-]/g, '')}.${format}`].filter(part => part !== '').join('-');
