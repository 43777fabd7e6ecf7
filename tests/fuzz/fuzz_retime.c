/* A record at another time is still a record, of the same type, at that time; its id is longer by the suffix. */

#include <stdlib.h>
#include <string.h>

#include "katoctl/retime.h"
#include "lib/stamp.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *line = (const char *)data;
	struct strbuf out = {0};
	struct record r, again;

	if (record_parse(line, size, &r) != RECORD_OK)
		return 0;
	retime_line(&r, line, size, RETIME_KEEP, NULL, &out);
	must(out.len == size && !memcmp(out.s, line, size));
	strbuf_reset(&out);
	retime_line(&r, line, size, 1798761600000, "~a.1", &out);
	must(record_parse(out.s, out.len, &again) == RECORD_OK && again.type.len == r.type.len && again.stamped == r.stamped);
	must(!r.stamped || again.ms == 1798761600000);
	must(again.id.len == r.id.len + (json_is(r.id, '"') ? 4 : 0));
	strbuf_free(&out);
	return 0;
}
