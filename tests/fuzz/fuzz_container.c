#include <stdlib.h>

#include "collectors/container.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* An engine's list and events, line by line as they come. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *text = (const char *)data;
	struct container_listing l = {0};
	struct container_event e = {0};
	struct strbuf out = {0};
	struct json_iter it;
	struct span v;
	size_t at;

	if (container_event(text, len, &e) == TOLD_EVENT) {
		container_event_write(&e, "docker-stats", e.ms, &out);
		if (json_check(out.s, out.len, &at) != JSON_OK)
			abort();
	}
	if (json_check(text, len, &at) == JSON_OK && json_is(json_trim(text, len), '['))
		for (it = json_iter(json_trim(text, len)); json_next_element(&it, &v);)
			if (container_listing(v, &l) && (!l.id.len || !l.name.len || l.name.len > CONTAINER_TEXT_MAX))
				abort();
	container_event_free(&e);
	container_listing_free(&l);
	strbuf_free(&out);
	return 0;
}
