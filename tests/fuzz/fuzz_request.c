#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/request.h"
#include "broadcaster/topics.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A client's message; the same bytes again as a query. Whatever they are: names are well-formed, and something wrong is said in words. */
static void
check(struct request *r)
{
	const char *name = r->names.s;

	for (size_t i = 0; i < r->nnames; i++, name += strlen(name) + 1)
		if (!topics_well_formed(name, strlen(name)))
			abort();
	if (!r->code != !r->message.len || (r->has_every && (r->every_ms < 100 || r->every_ms > 3600000)))
		abort();
	request_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"subscribe", "every", "epoch", "offset", "last_event_id", "other"};
	struct request r;

	request_parse(dialects[0], (const char *)data, size, &r);
	check(&r);
	r = (struct request){0};
	for (size_t i = 0, n; size; i++, data += n, size -= n) {
		const uint8_t *end = memchr(data, '&', size);

		n = end ? (size_t)(end - data) + 1 : size;
		request_query(dialects[0], &r, names[i % 6], (const char *)data, end ? n - 1 : n);
	}
	request_query_end(&r);
	check(&r);
	return 0;
}
