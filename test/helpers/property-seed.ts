import fc from 'fast-check';

/** With PROPERTY_SEED the random stories are the same every time: so CI judges the change, and everybody else goes on looking for more. */
const {PROPERTY_SEED: seed} = process.env;
if (seed !== undefined) {
	fc.configureGlobal({...fc.readConfigureGlobal(), seed: Number(seed)});
}
