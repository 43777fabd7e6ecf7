#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/topics.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Lines as topic names, interned, shown, interned again by the name shown, made a set, and all let go. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topics *t = topics_new();
	struct topic *v[64];
	struct topicset *set;
	struct strbuf shown = {0};
	size_t n = 0;

	while (size && n < 63) {
		const uint8_t *nl = memchr(data, '\n', size);
		size_t len = nl ? (size_t)(nl - data) : size;
		struct topic *p = topics_intern(t, (const char *)data, len), *again;

		if (!p != !topics_well_formed((const char *)data, len))
			abort();
		if (p) {
			strbuf_reset(&shown);
			topic_name(p, &shown);
			again = topics_intern(t, shown.s, shown.len);
			if (shown.len <= TOPICS_NAME_MAX && again != p)
				abort();
			if (again)
				topics_release(t, again);
			v[n++] = p;
		}
		data += len + (nl != NULL);
		size -= len + (nl != NULL);
	}
	set = topicset_new(t, v, n);
	strbuf_reset(&shown);
	topicset_json(set, &shown);
	topicset_unref(t, set);
	strbuf_free(&shown);
	topics_del(t);
	return 0;
}
