import {byType, count, duration, listOf, type Parsed, type Parser, shape, text} from './wire-parser.js';
import {parseActivity, parseFrame, parseRange, parseReport, parseSpawnRequest, parseTarget, parseViewport} from './wire-values.js';

/** Raised with every change that an older side would misread. Both sides must speak the same. */
export const protocolVersion = 1;

/** Calls that came after the first launchers of this version: one that does not name them in its hello does not know them. */
export const features = ['pressKeys'] as const;

/** Close code of a connection whose sides speak different versions, and of one whose client talks nonsense. */
export const closeCodes = {versionMismatch: 4001, malformed: 4002} as const;

const channel = {channel: count};
const call = {id: count};

const parseRequest = byType({
	hello: shape({version: count}),
	// Answered by `result` or `refused` with the same id.
	spawn: shape({...call, request: parseSpawnRequest}),
	stop: shape({...call, ptyId: text, graceMs: duration}),
	typeLine: shape({...call, ptyId: text, text}),
	pressKeys: shape({...call, ptyId: text, fingerprint: text, keys: text}),
	text: shape({...call, target: parseTarget, range: parseRange}),
	list: shape(call),
	attach: shape({...call, ...channel, ptyId: text, columns: count, rows: count}),
	// Unanswered. A channel is a number the client chose.
	resize: shape({...channel, columns: count, rows: count}),
	repaint: shape(channel),
	detach: shape(channel),
	watch: shape({...channel, target: parseTarget, viewport: parseViewport}),
	viewport: shape({...channel, viewport: parseViewport}),
	unwatch: shape(channel),
	forget: shape({ptyId: text}),
	acknowledge: shape({ids: listOf(text)}),
});

/** What a client says. `hello` comes first. */
export type ClientMessage = Parsed<typeof parseRequest>;

const anything: Parser<unknown> = value => value;

const parseReply = byType({
	hello: shape({version: count, launcherId: text, pid: count}, {features: listOf(text)}),
	result: shape(call, {value: anything}),
	refused: shape({...call, message: text}, {hint: text}),
	frame: shape({...channel, frame: parseFrame}),
	end: shape(channel),
	report: shape({report: parseReport}),
	activity: shape({activity: parseActivity}),
});

/** What a launcher says. `hello` comes first, even to a client of another version. */
export type LauncherMessage = Parsed<typeof parseReply>;

/** Reads one text frame of a client. Throws a `MalformedError` or a `SyntaxError`. */
export const parseClientMessage = (json: string): ClientMessage => parseRequest(JSON.parse(json));

/** Reads one text frame of a launcher. Throws a `MalformedError` or a `SyntaxError`. */
export const parseLauncherMessage = (json: string): LauncherMessage => parseReply(JSON.parse(json));

/** What a binary frame carries: for a viewer a repaint or output, for an agent input. */
export type BytesKind = 'repaint' | 'output' | 'input';

const kinds: readonly BytesKind[] = ['repaint', 'output', 'input'];
const headerBytes = 5;

/** A binary frame: one byte of kind, four of channel (little endian), then the bytes. */
export const packBytes = (kind: BytesKind, channelNumber: number, bytes: Uint8Array): Buffer => {
	const packed = Buffer.allocUnsafe(headerBytes + bytes.length);
	packed[0] = kinds.indexOf(kind);
	packed.writeUInt32LE(channelNumber, 1);
	packed.set(bytes, headerBytes);
	return packed;
};

/** Takes a binary frame apart without copying; `undefined` when it is none of ours. */
export const unpackBytes = (packed: Buffer): {readonly kind: BytesKind; readonly channel: number; readonly bytes: Buffer} | undefined => {
	const kind = packed.length < headerBytes ? undefined : kinds[packed[0]!];
	return kind && {kind, channel: packed.readUInt32LE(1), bytes: packed.subarray(headerBytes)};
};
