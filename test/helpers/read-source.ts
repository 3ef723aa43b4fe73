import {readFileSync} from 'node:fs';
import path from 'node:path';
import {parseSync} from 'vite';

type Node = {readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown};

export type Import = {
	/** The path inside the project without its ending (`state/run`), or a package's name. */
	readonly target: string;
	readonly isOfProject: boolean;
	/** Nothing of it is left when the program runs. */
	readonly isTypeOnly: boolean;
};

/** `ownLines` leaves out the lines of functions inside it: they count for themselves. */
export type MeasuredFunction = {readonly name: string; readonly line: number; readonly ownLines: number};

/** What is known of one file without running it. Paths are relative to the project. */
export type SourceFile = {
	readonly file: string;
	readonly folder: string;
	/** What its comments say. */
	readonly comments: readonly string[];
	readonly lineCount: number;
	readonly imports: readonly Import[];
	readonly functions: readonly MeasuredFunction[];
	/** Everything that is called or named with a dot, as written: `Date.now`, `setTimeout`, `new Date` (without arguments). */
	readonly mentions: ReadonlySet<string>;
	/** It holds nothing but exports of other files. */
	readonly isBarrel: boolean;
};

const isNode = (value: unknown): value is Node =>
	typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const childrenOf = (node: Node): readonly Node[] =>
	Object.values(node).flatMap(value => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

const visit = (node: Node, each: (node: Node) => void): void => {
	each(node);
	for (const child of childrenOf(node)) {
		visit(child, each);
	}
};

const isFunction = ({type}: Node): boolean =>
	type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

const nameOf = (node: Node): string | undefined => {
	const named = node['id'] ?? node['key'];
	return isNode(named) && typeof named['name'] === 'string' ? named['name'] : undefined;
};

const functionsIn = (root: Node, lineAt: (offset: number) => number): readonly MeasuredFunction[] => {
	const found: MeasuredFunction[] = [];
	/** Looks through a node; how many lines functions in it take up. */
	const measure = (node: Node, outerName: string): number => {
		const name = nameOf(node) ?? outerName;
		const inner = childrenOf(node).reduce((sum, child) => sum + measure(child, name), 0);
		if (!isFunction(node)) {
			return inner;
		}

		const [line, last] = [lineAt(node.start), lineAt(node.end)];
		found.push({name, line, ownLines: last - line + 1 - inner});
		// The line that opens a function belongs to the one around it.
		return last - line;
	};

	measure(root, 'the file');
	return found;
};

const importKinds = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'];

const isTypeOnly = (node: Node): boolean => {
	const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
	const isWhole = node['importKind'] === 'type' || node['exportKind'] === 'type';
	const isOfEach = specifiers.length > 0 && specifiers.every(one => one['importKind'] === 'type' || one['exportKind'] === 'type');
	return isWhole || isOfEach;
};

const importsIn = (root: Node, folder: string): readonly Import[] => {
	const found: Import[] = [];
	visit(root, node => {
		const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
		if (!importKinds.includes(node.type) || typeof specifier !== 'string') {
			return;
		}

		const isOfProject = specifier.startsWith('.');
		const target = isOfProject ? path.join(folder, specifier).replace(/\.(js|jsx|ts|tsx|json)$/, '') : specifier;
		found.push({target, isOfProject, isTypeOnly: isTypeOnly(node)});
	});
	return found;
};

const identifier = (value: unknown): string | undefined =>
	isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined;

const mentionsIn = (root: Node): ReadonlySet<string> => {
	const found = new Set<string>();
	visit(root, node => {
		const [object, property] = [identifier(node['object']), identifier(node['property'])];
		if (node.type === 'MemberExpression' && object !== undefined && property !== undefined) {
			found.add(`${object}.${property}`);
		}

		const called = identifier(node['callee']);
		if (node.type === 'CallExpression' && called !== undefined) {
			found.add(called);
		}

		const hasArguments = Array.isArray(node['arguments']) && node['arguments'].length > 0;
		if (node.type === 'NewExpression' && called !== undefined && !hasArguments) {
			found.add(`new ${called}`);
		}
	});
	return found;
};

const isBarrel = (root: Node): boolean => {
	const body = Array.isArray(root['body']) ? root['body'].filter(isNode) : [];
	const isReExport = ({type, source}: Node) => type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && isNode(source));
	return body.some(({type}) => type === 'ExportAllDeclaration') || (body.length > 0 && body.every(isReExport));
};

/** Reads and parses one file of the project. Throws when it does not parse. */
export const readSource = (file: string): SourceFile => {
	const text = readFileSync(file, 'utf8');
	const {program, comments, errors} = parseSync(file, text);
	if (errors[0]) {
		throw new Error(`Could not parse ${file}: ${errors[0].message}`);
	}

	const root: unknown = program;
	if (!isNode(root)) {
		throw new Error(`Could not read the tree of ${file}.`);
	}

	const folder = path.dirname(file);
	const lines = text.split('\n');
	return {
		file,
		folder,
		comments: comments.map(({value}) => value),
		lineCount: lines.at(-1) === '' ? lines.length - 1 : lines.length,
		imports: importsIn(root, folder),
		functions: functionsIn(root, offset => text.slice(0, offset).split('\n').length),
		mentions: mentionsIn(root),
		isBarrel: isBarrel(root),
	};
};
