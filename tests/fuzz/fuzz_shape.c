#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Whatever JSON it is: what comes out is JSON, an object with each field of its kind, and the same when it goes in again. */
static const char *const words[] = {"up", "down", NULL}, *const from[] = {"i", "t", NULL};
static const struct dialect_field inner[] = {{"n", .kind = FIELD_NUMBER}, {"m", .kind = FIELD_NUMBERS}, {.name = NULL}};
static const struct dialect_field fields[] = {
	{"i", .kind = FIELD_ID}, {"w", .kind = FIELD_TEXT, .words = words, .otherwise = "down"}, {"f", .kind = FIELD_TEXT, .from = from},
	{"t", .kind = FIELD_TIME}, {"n", .kind = FIELD_NUMBER}, {"b", .kind = FIELD_BOOL}, {"l", .kind = FIELD_TEXTS},
	{"m", .kind = FIELD_NUMBERS}, {"o", .kind = FIELD_OBJECT, .fields = inner}, {.name = NULL},
};

static void
check(struct span v)
{
	double d;
	struct span key, value;
	struct json_iter it = json_iter(json_member(v, "m"));

	if (!json_is(json_member(v, "i"), '"') || json_member(v, "i").len < 3 || !json_is(json_member(v, "w"), '"') || !json_is(json_member(v, "f"), '"') ||
	    !json_is(json_member(v, "t"), '"') || !json_number(json_member(v, "n"), &d) || !json_is(json_member(v, "b"), 'b') ||
	    !json_is(json_member(v, "l"), '[') || !json_is(json_member(v, "m"), '{') || !json_number(json_path(v, "o.n"), &d))
		abort();
	while (json_next_member(&it, &key, &value))
		if (!json_number(value, &d))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf once = {0}, twice = {0};
	struct shape_places p;
	size_t at;

	if (json_check((const char *)data, size, &at) != JSON_OK)
		return 0;
	if (shape(fields, json_trim((const char *)data, size), 1000, &once, &p)) {
		if (json_check(once.s, once.len, &at) != JSON_OK || p.at[8] + p.len[8] > once.len)
			abort();
		check((struct span){once.s, once.len});
		if (!shape(fields, (struct span){once.s, once.len}, 1000, &twice, NULL) || strcmp(once.s, twice.s) != 0)
			abort();
	} else if (once.len) {
		abort();
	}
	strbuf_free(&once);
	strbuf_free(&twice);
	return 0;
}
