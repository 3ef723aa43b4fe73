export type Emitter<Values extends readonly unknown[]> = {
	/** Tells every listener, in the order they came. */
	emit(...values: Values): void;
	/** Hears every emission until the returned function is called. Must not throw. */
	listen(listener: (...values: Values) => void): () => void;
};

/** One kind of event and who listens to it. */
export const createEmitter = <Values extends readonly unknown[]>(): Emitter<Values> => {
	const listeners = new Set<(...values: Values) => void>();
	return {
		emit(...values) {
			for (const listener of [...listeners]) {
				listener(...values);
			}
		},
		listen(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
	};
};
