#include <string.h>

#include "check.h"
#include "collectors/promanswer.h"

static struct strbuf seen;

static void
take(void *arg, const struct promseries *s)
{
	(void)arg;
	strbuf_addf(&seen, "%ld:%s%g", s->query, s->finite ? "" : "!", s->finite ? s->value : 0);
	strbuf_addf(&seen, "%s%s%s%s%s%s@%g ", s->id ? "/" : "", s->id ? s->id : "", s->source ? "/" : "", s->source ? s->source : "", s->target ? ">" : "",
	    s->target ? s->target : "", s->time);
}

/* spoke: it is Prometheus's, good or bad. */
static void
read_one(const char *body, const char *want, const char *why, bool spoke)
{
	struct strbuf err = {0};
	bool good, said = !spoke;

	strbuf_reset(&seen);
	strbuf_adds(&seen, "");
	good = promanswer_read(body, strlen(body), take, NULL, &said, &err);
	CHECK(good == (want != NULL) && said == spoke);
	if (want)
		CHECK_STR(seen.s, want);
	CHECK_STR(err.s ? err.s : "", why ? why : "");
	strbuf_free(&err);
}

#define VECTOR(v) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" v "]}}"

int
main(void)
{
	read_one(VECTOR(""), "", NULL, true);
	read_one(VECTOR("{\"metric\":{\"kato_query\":\"17\"},\"value\":[1.5,\"0.25\"]},{\"metric\":{},\"value\":[1,\"3e2\"]}"), "17:0.25@1.5 -1:300@1 ", NULL, true);
	read_one(VECTOR("{\"metric\":{\"kato_id\":\"a\"},\"value\":[1,\"NaN\"]},{\"metric\":{\"source\":\"b\",\"target\":\"c\"},\"value\":[1,\"+Inf\"]}"),
	    "-1:!0/a@1 -1:!0/b>c@1 ", NULL, true);
	read_one(VECTOR("{\"metric\":{\"kato_query\":\"x\",\"kato_id\":7},\"value\":[1,\"1\"]},{\"value\":[1,\"1x\"]},{\"value\":1},7,null"), "-1:1@1 ", NULL, true);
	read_one("{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1795000000.5,\"5\"]}}", "-1:5@1.795e+09 ", NULL, true);
	read_one("{\"status\":\"success\",\"warnings\":[\"half\\nof it\",\"more\"],\"data\":{\"resultType\":\"vector\",\"result\":[]}}", "", "half of it", true);
	read_one("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse\\nerror\"}", NULL, "parse error", true);
	read_one("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", NULL, "the query gives neither a vector nor a scalar", true);
	read_one("{}", NULL, "the answer is not Prometheus's", false);
	read_one("[]", NULL, "the answer is not Prometheus's", false);
	read_one("<html>", NULL, "the answer is not JSON", false);
	strbuf_free(&seen);
	return check_done();
}
