/**
 * What one of several claimants has had of a service they share, in virtual time: whoever has the least `pass` is served next. `credit` is
 * what was given back to it and not used yet: only so far may it lag behind the others.
 */
export type Share = {pass: number; credit: number};

export const createShare = (): Share => ({pass: 0, credit: 0});

/** A claimant that comes back starts level with the others: having asked for nothing earns nothing. */
export const level = (share: Share, virtualTime: number): void => {
	share.pass = Math.max(share.pass, virtualTime - share.credit);
};

/** One slot was served. Whoever was held back takes its turn at once, but does not catch up on what it missed. */
export const charge = (share: Share, stride: number, virtualTime: number): void => {
	level(share, virtualTime);
	share.pass += stride;
	share.credit = Math.min(share.credit, Math.max(0, virtualTime - share.pass));
};

/** The slot came to nothing. */
export const giveBack = (share: Share, stride: number): void => {
	share.pass -= stride;
	share.credit += stride;
};
