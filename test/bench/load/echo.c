/* Echoes every byte as soon as it comes, in raw mode: what is left of a key's way there and back is the terminals between. */
#include <termios.h>
#include <unistd.h>

int main(void) {
	struct termios mode;
	tcgetattr(0, &mode);
	cfmakeraw(&mode);
	tcsetattr(0, TCSANOW, &mode);
	char buffer[256];
	write(1, "READY\r\n", 7);
	for (;;) {
		ssize_t n = read(0, buffer, sizeof buffer);
		if (n <= 0 || write(1, buffer, n) != n) return 0;
	}
}
