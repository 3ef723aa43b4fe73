// A scripted agent that fails after it began, as one does whose provider is down.
console.log('\u001B[1m> Translate the manual\u001B[0m\n');
setTimeout(() => {
	console.error('\u001B[31mAPI error 529: overloaded\u001B[0m');
	process.exit(1);
}, 700);
