/* Records a line: what clients get of an event is JSON, holds its offset last among equals, and a UTC stamp. */

#include <stdlib.h>
#include <string.h>

#include "broadcaster/history.h"
#include "lib/stamp.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
check(const struct event *e)
{
	struct span message = {e->message, e->len}, stamp = json_member(message, "timestamp");
	double offset;
	size_t at;
	int64_t ms;

	if (json_check(e->message, e->len, &at) != JSON_OK || strlen(e->message) != e->len)
		abort();
	if (!json_number(json_member(message, "offset"), &offset) || offset != (double)e->offset)
		abort();
	if (!json_is(stamp, '"') || stamp.len != STAMP_LEN + 2 || stamp.p[STAMP_LEN] != 'Z' ||
	    !stamp_parse(stamp.p + 1, STAMP_LEN, &ms) || ms != e->ms)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct history *h = history_new("e", 4, 2048);
	const char *p = (const char *)data, *end = p + len, *nl;
	const struct event *e;
	struct record r;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		if (record_parse(p, (size_t)(nl - p), &r) == RECORD_OK && (e = history_add(h, &r, 1795212285219)))
			check(e);
		if (nl == end)
			break;
	}
	if (history_newest(h) + 1 < history_oldest(h) || history_newest(h) - history_oldest(h) + 1 > 4)
		abort();
	history_del(h);
	return 0;
}
