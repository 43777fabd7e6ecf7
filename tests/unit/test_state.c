#include <stdlib.h>

#include "broadcaster/state.h"
#include "check.h"

static enum state_result
put(struct state *s, const char *line, const struct value **v)
{
	struct record r;

	if (record_parse(line, strlen(line), &r) != RECORD_OK)
		return (enum state_result)-1;
	return state_put(s, &r, 5000, v);
}

static const struct {
	const char *line;
	enum state_result want;
	const char *data;	/* of the value afterwards */
} steps[] = {
	{"{\"type\":\"metrics\"}", STATE_IGNORED, NULL},
	{"{\"type\":\"metrics\",\"data\":null}", STATE_IGNORED, NULL},
	{"{\"type\":\"metrics\",\"data\":[1]}", STATE_IGNORED, NULL},
	{"{\"type\":\"metrics\",\"data\":{\"n\":9007199254740993}}", STATE_CHANGED, "{\"n\":9007199254740993}"},
	{"{\"type\":\"metrics\",\"data\":null}", STATE_IGNORED, "{\"n\":9007199254740993}"},
	{"{\"type\":\"metrics\",\"data\":3}", STATE_IGNORED, "{\"n\":9007199254740993}"},
	{"{\"type\":\"metrics\",\"data\": { \"a\" : 1.0 } }", STATE_CHANGED, "{ \"a\" : 1.0 }"},
	{"{\"type\":\"metrics\",\"id\":7,\"data\":{}}", STATE_IGNORED, "{ \"a\" : 1.0 }"},
	{"{\"type\":\"metrics\",\"id\":null,\"data\":{}}", STATE_CHANGED, "{}"},
};

static void
last_good_value_stays(void)
{
	struct state *s = state_new(10, 1 << 20);
	const struct value *v;

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		CHECK(put(s, steps[i].line, &v) == steps[i].want);
		CHECK(!v == (steps[i].want != STATE_CHANGED));
		v = state_get(s, "metrics", NULL);
		CHECK(steps[i].data ? v && !strcmp(v->data, steps[i].data) && v->len == strlen(v->data) : !v);
	}
	CHECK(v->ms == 5000 && !v->demo && !v->source);
	CHECK(state_type(s, "metrics")->count == 1);
	CHECK(state_version(s) == v->version && v->version == 3);
	state_del(s);
}

static void
ids_come_and_go(void)
{
	struct state *s = state_new(3, 1 << 20);
	const struct value *v;
	struct value *w;
	size_t empty = state_bytes(s);
	uint64_t version;

	CHECK(put(s, "{\"type\":\"services\",\"id\":\"a\",\"data\":{\"x\":1},\"source\":\"p\",\"demo\":true}", &v) == STATE_CHANGED);
	CHECK(v->demo && !strcmp(v->source, "p") && !strcmp(v->id, "a"));
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"b\",\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"data\":{}}", &v) == STATE_CHANGED);
	CHECK(v->ms == 1000);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"c\",\"data\":{}}", &v) == STATE_CHANGED);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"d\",\"data\":{}}", &v) == STATE_FULL && !state_get(s, "services", "d"));
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"\\u0062\",\"data\":{\"y\":2}}", &v) == STATE_CHANGED);
	CHECK(v == state_get(s, "services", "b"));
	version = state_version(s);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"b\",\"data\":null}", &v) == STATE_GONE && !v);
	CHECK(state_version(s) == version + 1 && state_type(s, "services")->version == version + 1);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"b\",\"data\":null}", &v) == STATE_IGNORED);
	CHECK(state_type(s, "services")->count == 2);
	w = state_type(s, "services")->first;
	CHECK(!strcmp(w->id, "a") && !strcmp(w->next_of_type->id, "c") && !w->next_of_type->next_of_type);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"a\",\"data\":null}", &v) == STATE_GONE);
	CHECK(put(s, "{\"type\":\"services\",\"id\":\"c\",\"data\":null}", &v) == STATE_GONE);
	CHECK(state_bytes(s) == empty && !state_type(s, "services")->first && !state_type(s, "services")->last);
	CHECK(!state_get(s, "services", NULL) && !state_get(s, "service", "a"));
	state_del(s);
}

static void
source_status_goes_by_its_source(void)
{
	struct state *s = state_new(10, 1 << 20);
	const char *bare = "{\"type\":\"source_status\",\"source\":\"x\",\"status\":\"down\"}";
	const struct value *v;

	CHECK(put(s, bare, &v) == STATE_CHANGED && !strcmp(v->id, "x") && !strcmp(v->data, bare));
	CHECK(put(s, "{\"type\":\"source_status\",\"data\":{\"source\":\"y\",\"status\":\"up\"}}", &v) == STATE_CHANGED);
	CHECK(!strcmp(v->id, "y"));
	CHECK(put(s, "{\"type\":\"source_status\",\"id\":\"z\",\"source\":\"x\",\"data\":{}}", &v) == STATE_CHANGED && !strcmp(v->id, "z"));
	CHECK(put(s, "{\"type\":\"source_status\",\"status\":\"up\"}", &v) == STATE_IGNORED);
	state_del(s);
}

static void
other_types_and_bounds(void)
{
	struct state *s = state_new(100000, 3000);
	const struct value *v;
	char line[2000];

	CHECK(put(s, "{\"type\":\"weather\",\"data\":[1,2]}", &v) == STATE_CHANGED);
	CHECK(put(s, "{\"type\":\"weather\",\"data\":3}", &v) == STATE_IGNORED);
	CHECK(put(s, "{\"type\":\"weather\",\"id\":\"oslo\",\"data\":3}", &v) == STATE_CHANGED && !strcmp(v->data, "3"));
	snprintf(line, sizeof line, "{\"type\":\"weather\",\"id\":\"%0*d\",\"data\":3}", STATE_ID_MAX + 1, 0);
	CHECK(put(s, line, &v) == STATE_IGNORED);
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof line, "{\"type\":\"t%d\",\"id\":\"%d\",\"data\":{}}", i % 300, i);
		put(s, line, &v);
		CHECK(state_bytes(s) <= 3000);
	}
	CHECK(put(s, "{\"type\":\"last\",\"data\":{}}", &v) == STATE_FULL && !v && !state_type(s, "last"));
	state_del(s);
	s = state_new(100000, 1 << 30);
	for (int i = 0; i < 50000; i++) {
		snprintf(line, sizeof line, "{\"type\":\"t%d\",\"id\":\"%d\",\"data\":{\"i\":%d}}", i % 3, i, i);
		put(s, line, &v);
	}
	CHECK(state_get(s, "t1", "40000") && !strcmp(state_get(s, "t1", "40000")->data, "{\"i\":40000}"));
	CHECK(state_type(s, "t0")->count + state_type(s, "t1")->count + state_type(s, "t2")->count == 50000);
	state_del(s);
	s = state_new(100000, 1 << 30);
	for (int i = 0; i < STATE_TYPES_MAX + 10; i++) {
		snprintf(line, sizeof line, "{\"type\":\"t%d\",\"data\":{}}", i);
		CHECK(put(s, line, &v) == (i < STATE_TYPES_MAX ? STATE_CHANGED : STATE_FULL));
	}
	state_del(s);
}

int
main(void)
{
	last_good_value_stays();
	ids_come_and_go();
	source_status_goes_by_its_source();
	other_types_and_bounds();
	return check_done();
}
