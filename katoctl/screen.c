#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "katoctl/screen.h"
#include "lib/fdio.h"
#include "lib/strbuf.h"

static struct termios before;
static bool opened, have_keys;

static void
say(const char *s)
{
	fd_write_all(1, s, strlen(s));
}

void
screen_close(void)
{
	if (!opened)
		return;
	opened = false;
	say("\033[?25h\033[?1049l");
	if (have_keys)
		tcsetattr(0, TCSAFLUSH, &before);
}

void
screen_open(void)
{
	struct termios raw;

	opened = true;
	atexit(screen_close);
	have_keys = isatty(0) && tcgetattr(0, &before) == 0;
	if (have_keys) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		raw.c_cc[VSUSP] = _POSIX_VDISABLE;	/* the screen would stay behind, without a cursor */
		tcsetattr(0, TCSAFLUSH, &raw);
	}
	say("\033[?1049h\033[?25l");
}

static bool
size(struct winsize *w)
{
	return ioctl(1, TIOCGWINSZ, w) == 0 && w->ws_col && w->ws_row;
}

int
screen_width(void)
{
	struct winsize w;

	return size(&w) ? w.ws_col : 80;
}

bool
screen_show(const char *text, size_t n)
{
	const char *end = text + n, *nl;
	struct strbuf b = {0};
	struct winsize w;
	int rows = size(&w) ? w.ws_row : 24, row = 0;
	bool good;

	strbuf_adds(&b, "\033[H");
	for (; row < rows && text < end; row++, text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (!nl)
			nl = end - 1;
		strbuf_adds(&b, row ? "\r\n\033[K" : "\033[K");	/* before the text: behind a full line it would take its last letter */
		strbuf_add(&b, text, (size_t)(nl - text));
	}
	if (row < rows)
		strbuf_adds(&b, "\r\n\033[J");
	good = fd_write_all(1, b.s, b.len) == 0;
	strbuf_free(&b);
	return good;
}

int
screen_keys(void)
{
	return have_keys ? 0 : -1;
}

bool
screen_key(void)
{
	char buf[64];
	ssize_t n = fd_read(0, buf, sizeof buf);

	return n > 0 && !memchr(buf, 'q', (size_t)n) && !memchr(buf, 'Q', (size_t)n);
}
