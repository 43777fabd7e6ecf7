#include <stdlib.h>
#include <string.h>

#include "lib/json.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
same(struct span a, struct span b)
{
	if (a.p != b.p || a.len != b.len)
		abort();
}

/* Three ways through one object: noted while it was checked, by iterator, by cursor. They must agree. */
static void
walk(struct span object, const struct json_top *top)
{
	struct json_iter it = json_iter(object);
	struct json_cursor c = json_cursor(object);
	struct span key, value, k;
	bool escaped;
	size_t n = 0;

	json_enter(&c);
	for (; json_next_member(&it, &key, &value); n++) {
		if (!json_key(&c, &k, &escaped) || escaped != (memchr(key.p, '\\', key.len) != NULL))
			abort();
		same(k, key);
		same(json_take(&c), value);
		if (n < top->n) {
			same(top->key[n], key);
			same(top->value[n], value);
		}
	}
	if (json_key(&c, &k, &escaped) || c.p != c.end || top->more != (n > JSON_TOP) || (!top->more && n != top->n))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *text = (const char *)data;
	struct json_top top;
	struct span v;
	size_t at = 0;

	if (json_check_top(text, len, &at, &top) != JSON_OK) {
		if (at > len)
			abort();
		return 0;
	}
	v = json_trim(text, len);
	if (json_is(v, '{'))
		walk(v, &top);
	else if (top.n || top.more)
		abort();
	return 0;
}
