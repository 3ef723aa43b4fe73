/* A load like a coding agent's screen: RATE times a second a status block is repainted inside a synchronized update, and now and then a line
   scrolls. `repaint RATE LINES` fills LINES lines of history first; RATE 0 then stays idle. Prints READY in the title when filled. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void out(const char *text, int length) {
	while (length > 0) {
		ssize_t n = write(1, text, length);
		if (n <= 0) exit(0);
		text += n;
		length -= n;
	}
}

int main(int argc, char **argv) {
	int rate = argc > 1 ? atoi(argv[1]) : 10;
	int lines = argc > 2 ? atoi(argv[2]) : 0;
	char buffer[8192];
	for (int i = 0; i < lines; i++) {
		int n = snprintf(buffer, sizeof buffer,
			"\x1b[32m%06d\x1b[0m \x1b[1msource/module-%d.ts\x1b[0m:%d  const value%d = compute(%d, 'some text that fills the line', %d); // "
			"\x1b[2mand a comment that goes on until the line is about as long as the terminal is wide, which is %d\x1b[0m\r\n",
			i, i % 37, i % 400, i, i * 7, i * 13, 200);
		out(buffer, n);
	}
	out("\x1b]2;READY\a", 10);
	if (rate == 0) for (;;) pause();
	static const char *spinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
	struct timespec gap = {0, 1000000000L / rate};
	out("\r\n\r\n\r\n\r\n\r\n\r\n", 12);
	for (unsigned frame = 0;; frame++) {
		int n = snprintf(buffer, sizeof buffer, "\x1b[?2026h\x1b[6A\r");
		if (frame % 20 == 0) n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K\x1b[32m●\x1b[0m Edited source/file-%u.ts with %u additions\r\n", frame, frame % 90);
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K\x1b[38;5;208m%s Thinking…\x1b[0m \x1b[2m(%us · ↓ %u tokens · esc to interrupt)\x1b[0m\r\n", spinner[frame % 10], frame / rate, frame * 31);
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K\r\n");
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K╭──────────────────────────────────────────────────────────────────────────────────────────────╮\r\n");
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K│ \x1b[1m>\x1b[0m try “fix the failing test in queue.ts”                                                      │\r\n");
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K╰──────────────────────────────────────────────────────────────────────────────────────────────╯\r\n");
		n += snprintf(buffer + n, sizeof buffer - n, "\x1b[K  \x1b[2m? for shortcuts\x1b[0m            \x1b[2mcontext left: %u%%\x1b[0m\r\n\x1b[?2026l", 100 - frame % 100);
		out(buffer, n);
		nanosleep(&gap, NULL);
	}
}
