import {Ajv2020} from 'ajv/dist/2020.js';
import type {TestGateway} from './open-gateway.js';

type Operation = {
	readonly summary: string;
	readonly responses: Readonly<Record<string, {readonly content: Readonly<Record<string, {readonly schema: object}>>}>>;
	readonly requestBody?: {readonly content: Readonly<Record<string, {readonly schema: object}>>};
	readonly parameters: ReadonlyArray<{readonly name: string; readonly in: string}>;
};

/** The document of the interface, as the gateway gives it. */
export type Document = {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: {readonly schemas: Readonly<Record<string, object>>};
};

export const documentOf = async (gateway: TestGateway): Promise<Document> => (await gateway.http({path: '/openapi.json'})).json;

/** `GET /runs/{id}` for every operation. */
export const operationsOf = ({paths}: Document): ReadonlyArray<readonly [name: string, operation: Operation]> =>
	Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
	);

/** Checks bodies against the document by a validator that knows nothing of ours; `undefined` when one fits, else what does not. */
export const createChecker = (document: Document) => {
	const ajv = new Ajv2020({strict: false, validateFormats: false});
	ajv.addSchema(document, 'document');

	const whyNot = (schema: object | undefined, value: unknown): string | undefined => {
		if (!schema) {
			return 'the document does not know it';
		}

		const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')) as object;
		const validate = ajv.compile(local);
		return validate(value) ? undefined : ajv.errorsText(validate.errors);
	};

	return {
		whyNotBody: (method: string, path: string, body: unknown) =>
			whyNot(document.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema, body),
		whyNotAnswer: (method: string, path: string, status: number, body: unknown) =>
			whyNot(document.paths[path]?.[method.toLowerCase()]?.responses[String(status)]?.content['application/json']?.schema, body),
	};
};
