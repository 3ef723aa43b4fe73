// Imported first: what draws in colour looks at the environment once, when it is loaded.
process.env['FORCE_COLOR'] = '3';
delete process.env['NO_COLOR'];
