#include <math.h>
#include <string.h>

#include "lib/jsonget.h"

cJSON *
jsonget_parse(const char *text, size_t len)
{
	const char *end = NULL, *stop = text + len;
	cJSON *tree = cJSON_ParseWithLengthOpts(text, len, &end, 0);

	if (!tree)
		return NULL;
	while (end < stop && (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\n'))
		end++;
	if (end < stop) {
		cJSON_Delete(tree);
		return NULL;
	}
	return tree;
}

const cJSON *
jsonget(const cJSON *obj, const char *path)
{
	char name[64];
	size_t n;

	while (cJSON_IsObject(obj)) {
		n = strcspn(path, ".");
		if (n >= sizeof name)
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		obj = cJSON_GetObjectItemCaseSensitive(obj, name);
		if (!obj || cJSON_IsNull(obj))
			return NULL;
		if (!path[n])
			return obj;
		path += n + 1;
	}
	return NULL;
}

bool
jsonget_number(const cJSON *obj, const char *path, double *out)
{
	const cJSON *v = jsonget(obj, path);

	if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
		return false;
	*out = v->valuedouble;
	return true;
}

double
jsonget_number_or(const cJSON *obj, const char *path, double otherwise)
{
	jsonget_number(obj, path, &otherwise);
	return otherwise;
}

const char *
jsonget_string(const cJSON *obj, const char *path)
{
	const cJSON *v = jsonget(obj, path);

	return cJSON_IsString(v) ? v->valuestring : NULL;
}
