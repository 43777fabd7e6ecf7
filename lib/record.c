#include <string.h>

#include "lib/record.h"
#include "lib/stamp.h"

static bool
good_type(struct span s)
{
	if (!s.len || s.len > RECORD_TYPE_MAX || *s.p < 'a' || *s.p > 'z' || s.p[s.len - 1] == '_')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_'))
			return false;
	return true;
}

/* Where the value of a key belongs, NULL: nowhere. Lengths first: most keys are told apart without a comparison. */
static struct span *
member_of(struct record *r, struct span key, struct span *demo)
{
	struct {
		const char *name;
		size_t len;
		struct span *to;
	} known[] = {
		{"type", 4, &r->type}, {"timestamp", 9, &r->timestamp}, {"source", 6, &r->source},
		{"id", 2, &r->id}, {"data", 4, &r->data}, {"demo", 4, demo},
	};
	bool escaped = memchr(key.p, '\\', key.len) != NULL;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if ((escaped || key.len == known[i].len + 2) && json_equals(key, known[i].name))
			return known[i].to;
	return NULL;
}

static void
take_member(struct record *r, struct span key, struct span value, struct span *demo)
{
	struct span *to = member_of(r, key, demo);

	if (to)
		*to = value;
}

static void
take_members(struct record *r, const struct json_top *top, struct span *demo)
{
	struct json_iter it = json_iter(r->line);
	struct span key, value;

	for (size_t i = 0; i < top->n; i++)
		take_member(r, top->key[i], top->value[i], demo);
	while (top->more && json_next_member(&it, &key, &value))
		take_member(r, key, value, demo);
}

enum record_result
record_parse(const char *line, size_t len, struct record *r)
{
	struct span demo = {NULL, 0};
	struct json_top top;

	*r = (struct record){.line = json_trim(line, len)};
	if (!r->line.len)
		return RECORD_EMPTY;
	r->error = json_check_top(line, len, &r->at, &top);
	if (r->error)
		return RECORD_NOT_JSON;
	if (*r->line.p != '{')
		return RECORD_NOT_OBJECT;
	take_members(r, &top, &demo);
	r->demo = json_is(demo, 't');
	if (!json_is(r->type, '"'))
		return RECORD_NO_TYPE;
	r->type = (struct span){r->type.p + 1, r->type.len - 2};
	if (!good_type(r->type))
		return RECORD_NO_TYPE;
	if (json_is(r->timestamp, '"'))
		r->stamped = stamp_parse(r->timestamp.p + 1, r->timestamp.len - 2, &r->ms);
	return RECORD_OK;
}

const char *
record_strerror(enum record_result e)
{
	switch (e) {
	case RECORD_OK: return "fine";
	case RECORD_EMPTY: return "an empty line";
	case RECORD_NOT_JSON: return "not JSON";
	case RECORD_NOT_OBJECT: return "not a JSON object";
	case RECORD_NO_TYPE: break;
	}
	return "no \"type\" of lower-case words";
}

bool
record_is(const struct record *r, const char *type)
{
	size_t n = strlen(type);

	return r->type.len == n && !memcmp(r->type.p, type, n);
}

bool
record_is_state(const struct record *r)
{
	static const char *const types[] = {
		"metrics", "containers", "sessions", "source_status", "dashboard", "services", "traffic", "dependencies",
		"service_health", "traffic_health", "anomaly", "failing_dependency", "overall_health",
	};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (record_is(r, types[i]))
			return true;
	return false;
}
