/* A line is judged, and what it holds walked, without a byte read beyond its end. */

#include <stdlib.h>

#include "lib/record.h"
#include "lib/utf8.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
must(int good)
{
	if (!good)
		abort();
}

/* A string's text, quoted anew, is valid and means the same. */
static void
requote(struct span v)
{
	struct strbuf text = {0}, json = {0}, again = {0};
	size_t at;

	if (json_string(v, &text)) {
		must(utf8_valid(text.s, text.len));
		strbuf_addjson(&json, text.s, text.len);
		must(json_check(json.s, json.len, &at) == JSON_OK);
		must(json_string((struct span){json.s, json.len}, &again) && again.len == text.len);
		must(json_equals(v, text.s));
	}
	strbuf_free(&text);
	strbuf_free(&json);
	strbuf_free(&again);
}

/* Every value below v, in order: each is itself JSON and lies where its parent is. */
static void
walk(struct span v)
{
	struct json_iter it = json_iter(v);
	struct span key, value;
	size_t at;
	double d;

	must(json_check(v.p, v.len, &at) == JSON_OK);
	if (*v.p == '{') {
		while (json_next_member(&it, &key, &value)) {
			must(value.p > key.p && value.p + value.len < v.p + v.len);
			requote(key);
			walk(value);
		}
	} else if (*v.p == '[') {
		while (json_next_element(&it, &value)) {
			must(value.p > v.p && value.p + value.len < v.p + v.len);
			walk(value);
		}
	} else {
		requote(v);
		json_number(v, &d);
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *line = (const char *)data;
	enum record_result result;
	struct record r;

	result = record_parse(line, size, &r);
	must(record_strerror(result) && r.line.p >= line && r.line.p + r.line.len <= line + size);
	must(result != RECORD_NOT_JSON || (r.error != JSON_OK && r.at <= size));
	if (result == RECORD_OK) {
		must(r.type.len && r.type.len <= RECORD_TYPE_MAX && (r.stamped || !r.ms));
		must(json_path(r.line, "data").p == r.data.p && json_member(r.line, "id").p == r.id.p);
	}
	if (result != RECORD_EMPTY && result != RECORD_NOT_JSON && size < 4096)
		walk(r.line);
	return 0;
}
