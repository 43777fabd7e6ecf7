#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/plain.h"
#include "collectors/promanswer.h"
#include "collectors/promplan.h"
#include "lib/jsonget.h"

static long
query_of(const cJSON *metric)
{
	const char *text = jsonget_string(metric, PROMANSWER_LABEL);
	char *end;
	long n;

	if (!text || *text < '0' || *text > '9')
		return -1;
	n = strtol(text, &end, 10);
	return *end ? -1 : n;
}

/* [time, "value"]; false: it is none. */
static bool
value_of(const cJSON *pair, struct promseries *out)
{
	const cJSON *at = cJSON_GetArrayItem(pair, 0), *text = cJSON_GetArrayItem(pair, 1);
	char *end;

	if (!cJSON_IsArray(pair) || !cJSON_IsString(text))
		return false;
	out->time = cJSON_IsNumber(at) ? at->valuedouble : NAN;
	out->value = strtod(text->valuestring, &end);
	out->finite = isfinite(out->value);
	return end > text->valuestring && !*end;
}

static void
take_one(const cJSON *pair, const cJSON *metric, promanswer_take *take, void *arg)
{
	struct promseries s = {query_of(metric), jsonget_string(metric, PROMPLAN_LABEL), jsonget_string(metric, "source"), jsonget_string(metric, "target"),
	    false, 0, NAN};

	if (value_of(pair, &s))
		take(arg, &s);
}

static bool
bad(struct strbuf *why, const char *what)
{
	strbuf_adds(why, what);
	return false;
}

static void
add_warning(const cJSON *doc, struct strbuf *why)
{
	const cJSON *first = cJSON_GetArrayItem(jsonget(doc, "warnings"), 0);

	if (cJSON_IsString(first))
		plain_text(first->valuestring, strlen(first->valuestring), why);
}

static bool
take_all(const cJSON *doc, promanswer_take *take, void *arg, bool *spoke, struct strbuf *why)
{
	const char *status = jsonget_string(doc, "status"), *kind = jsonget_string(doc, "data.resultType");
	const char *error = jsonget_string(doc, "error");
	const cJSON *result = jsonget(doc, "data.result"), *series;

	*spoke = true;
	if (status && !strcmp(status, "error") && error) {
		plain_text(error, strlen(error), why);
		return why->len ? false : bad(why, "an error without a word");
	}
	*spoke = status && !strcmp(status, "success") && kind && cJSON_IsArray(result);
	if (!*spoke)
		return bad(why, "the answer is not Prometheus's");
	if (strcmp(kind, "scalar") != 0 && strcmp(kind, "vector") != 0)
		return bad(why, "the query gives neither a vector nor a scalar");
	if (!strcmp(kind, "scalar"))
		take_one(result, NULL, take, arg);
	else
		cJSON_ArrayForEach(series, result)
			take_one(cJSON_GetObjectItemCaseSensitive(series, "value"), cJSON_GetObjectItemCaseSensitive(series, "metric"), take, arg);
	add_warning(doc, why);
	return true;
}

bool
promanswer_read(const char *body, size_t len, promanswer_take *take, void *arg, bool *spoke, struct strbuf *why)
{
	cJSON *doc = jsonget_parse(body, len);
	bool good = false;

	*spoke = false;
	if (doc)
		good = take_all(doc, take, arg, spoke, why);
	else
		strbuf_adds(why, "the answer is not JSON");
	cJSON_Delete(doc);
	return good;
}
