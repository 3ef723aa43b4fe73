/** What the screen of the requests lists: the open ones, what became of those before, or what was allowed for longer than once. */
export const requestLists = ['open', 'decided', 'grants'] as const;

export type RequestList = (typeof requestLists)[number];

/** Decisions that are made but not sent yet: they can still be taken back. */
export type HeldDecision = {
	/** What will be done, as a part of a sentence: `Approving 6 × npm ci`. May hold text of agents: show it through `visible`. */
	readonly sentence: string;
	readonly dueAtMs: number;
};

/** How this operator looks at the requests. */
export type RequestsView = {
	readonly list: RequestList;
	/** Ids of the groups whose members have rows of their own. */
	readonly unfolded: ReadonlySet<string>;
	/** Ids of the requests that a decision on their group leaves alone. */
	readonly leftOut: ReadonlySet<string>;
	readonly held?: HeldDecision;
};

export type RequestsChange =
	| {readonly what: 'next-list'}
	| {readonly what: 'fold'; readonly groupId: string}
	| {readonly what: 'leave-out'; readonly escalationId: string}
	| {readonly what: 'hold'; readonly held: HeldDecision}
	| {readonly what: 'let-go'};

export const createRequestsView = (): RequestsView => ({list: 'open', unfolded: new Set(), leftOut: new Set()});

const toggled = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> => {
	const next = new Set(ids);
	if (!next.delete(id)) {
		next.add(id);
	}

	return next;
};

/** The view of the requests after a change. */
export const changeRequestsView = (view: RequestsView, change: RequestsChange): RequestsView => {
	switch (change.what) {
		case 'next-list': {
			const at = requestLists.indexOf(view.list) + 1;
			return {...view, list: requestLists[at % requestLists.length]!};
		}

		case 'fold': {
			return {...view, unfolded: toggled(view.unfolded, change.groupId)};
		}

		case 'leave-out': {
			return {...view, leftOut: toggled(view.leftOut, change.escalationId)};
		}

		case 'hold': {
			return {...view, held: change.held};
		}

		case 'let-go': {
			const {held: _, ...rest} = view;
			return rest;
		}
	}
};
