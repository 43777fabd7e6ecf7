#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/plain.h"
#include "collectors/promanswer.h"
#include "lib/jsonget.h"

static long
query_of(const cJSON *series)
{
	const char *text = jsonget_string(series, "metric." PROMANSWER_LABEL);
	char *end;
	long n;

	if (!text || *text < '0' || *text > '9')
		return -1;
	n = strtol(text, &end, 10);
	return *end ? -1 : n;
}

/* [time, "value"]; false: it is none. */
static bool
value_of(const cJSON *pair, double *out)
{
	const cJSON *text = cJSON_GetArrayItem(pair, 1);
	char *end;

	if (!cJSON_IsArray(pair) || !cJSON_IsString(text))
		return false;
	*out = strtod(text->valuestring, &end);
	return end > text->valuestring && !*end;
}

static void
take_one(const cJSON *pair, long query, promanswer_take *take, void *arg)
{
	double value;

	if (value_of(pair, &value))
		take(arg, query, isfinite(value), value);
}

static bool
bad(struct strbuf *why, const char *what)
{
	strbuf_adds(why, what);
	return false;
}

static bool
take_all(const cJSON *doc, promanswer_take *take, void *arg, struct strbuf *why)
{
	const char *status = jsonget_string(doc, "status"), *kind = jsonget_string(doc, "data.resultType");
	const char *error = jsonget_string(doc, "error");
	const cJSON *result = jsonget(doc, "data.result"), *series;

	if (status && !strcmp(status, "error") && error) {
		plain_text(error, strlen(error), why);
		return why->len ? false : bad(why, "an error without a word");
	}
	if (!status || strcmp(status, "success") != 0 || !kind || !cJSON_IsArray(result))
		return bad(why, "the answer is not Prometheus's");
	if (!strcmp(kind, "scalar")) {
		take_one(result, -1, take, arg);
		return true;
	}
	if (strcmp(kind, "vector") != 0)
		return bad(why, "the query gives neither a vector nor a scalar");
	cJSON_ArrayForEach(series, result)
		take_one(cJSON_GetObjectItemCaseSensitive(series, "value"), query_of(series), take, arg);
	return true;
}

bool
promanswer_read(const char *body, size_t len, promanswer_take *take, void *arg, struct strbuf *why)
{
	cJSON *doc = jsonget_parse(body, len);
	bool good = doc ? take_all(doc, take, arg, why) : bad(why, "the answer is not JSON");

	cJSON_Delete(doc);
	return good;
}
