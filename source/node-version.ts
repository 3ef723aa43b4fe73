/** The oldest Node that reads the last output of a process that exits; before it, libuv dropped it. */
const oldest = [24, 16] as const;

/** One sentence when this Node is too old to trust with agents' output; `undefined` when it will do. */
export const whyNotThisNode = (version: string): string | undefined => {
	const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
	const isNewEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
	return isNewEnough
		? undefined
		: `agent-tui needs Node ${oldest.join('.')} or newer and this is ${version}: older ones lose the last output of agents that exit. Install a current Node, or start it with \`npm start\` in its folder.`;
};
