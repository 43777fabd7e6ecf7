#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/request.h"
#include "broadcaster/topics.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * A client's message; the same bytes again as a query, in each dialect. Whatever they are: names are well-formed, and
 * something wrong is said in words, but where the dialect has none.
 */
static void
check(const struct dialect *d, struct request *r)
{
	const char *name = r->names.s;
	bool odd = r->has_every && (r->every_ms < (r->interval ? d->pace.min_ms : 100) || r->every_ms > (r->interval ? d->pace.max_ms : 3600000));

	for (size_t i = 0; i < r->nnames; i++, name += strlen(name) + 1)
		if (d->subject ? !*name || strlen(name) > TOPICS_ID_MAX : !topics_well_formed(name, strlen(name)))
			abort();
	if (!r->code != !r->message.len || odd || (r->code && !d->bad_json && !r->refused))
		abort();
	request_free(r);
}

static void
both(const struct dialect *d, const uint8_t *data, size_t size)
{
	static const char *const names[] = {"subscribe", "every", "epoch", "offset", "last_event_id", "update_interval", "other"};
	struct request r;

	request_parse(d, (const char *)data, size, &r);
	check(d, &r);
	r = (struct request){0};
	for (size_t i = 0, n; size; i++, data += n, size -= n) {
		const uint8_t *end = memchr(data, '&', size);

		n = end ? (size_t)(end - data) + 1 : size;
		request_query(d, &r, names[i % 7], (const char *)data, end ? n - 1 : n);
	}
	request_query_end(&r);
	check(d, &r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < dialects_count; i++)
		both(dialects[i], data, size);
	return 0;
}
