#include <string.h>

#include "lib/hash.h"
#include "lib/json.h"
#include "lib/keeptext.h"

static const char commit[] = "{\"commit\":\"";
enum { COMMIT_BEGIN = sizeof commit - 1, COMMIT_LEN = COMMIT_BEGIN + HASH_HEX + 3 };	/* "}\n */

void
keeptext_head(const char *tool, int format, struct strbuf *out)
{
	strbuf_addf(out, "{\"tool\":\"%s\",\"format\":%d}\n", tool, format);
}

void
keeptext_commit(const char *save, size_t n, struct strbuf *out)
{
	char hex[HASH_HEX + 1];

	strbuf_addf(out, "%s%s\"}\n", commit, hash_hex(hash64(save, n), hex));
}

/* Whose file is it? False: not ours to read. */
static bool
check_head(const char *line, size_t len, const char *tool, int format, struct strbuf *why)
{
	struct span head = {line, len}, whose;
	double number;
	size_t at;

	if (json_check(line, len, &at) || !json_is(json_member(head, "tool"), '"') || !json_number(json_member(head, "format"), &number)) {
		strbuf_adds(why, "is no state file: its first line does not say of which tool");
		return false;
	}
	whose = json_member(head, "tool");
	if (!json_equals(whose, tool)) {
		strbuf_addf(why, "is the state of %.*s", whose.len < 80 ? (int)whose.len : 80, whose.p);
		return false;
	}
	if (number != format) {
		strbuf_adds(why, "has format ");
		strbuf_addnum(why, number);
		strbuf_addf(why, ", and only %d is known here", format);
		return false;
	}
	return true;
}

static bool
is_commit(const char *line, size_t len)
{
	return len >= COMMIT_BEGIN && !memcmp(line, commit, COMMIT_BEGIN);
}

/* Does the commit line that ends a save fit it? */
static bool
fits(const char *save, size_t n, const char *line, size_t len)
{
	uint64_t said;

	return len == COMMIT_LEN && line[len - 1] == '\n' && line[len - 2] == '}' && line[len - 3] == '"' &&
	    hash_unhex(line + COMMIT_BEGIN, &said) == 0 && said == hash64(save, n);
}

bool
keeptext_take(const char *text, size_t len, const char *tool, int format, struct strbuf *out, struct strbuf *why)
{
	const char *end = text + len, *nl = memchr(text, '\n', len), *save = text, *rows, *line;
	size_t saves = 0, had = out->len;

	if (!nl) {
		strbuf_adds(why, "is no state file: it is cut short");
		return false;
	}
	if (!check_head(text, (size_t)(nl - text), tool, format, why))
		return false;
	for (line = rows = nl + 1; line < end && (nl = memchr(line, '\n', (size_t)(end - line))); line = nl + 1) {
		if (!is_commit(line, (size_t)(nl + 1 - line)))
			continue;
		if (!fits(save, (size_t)(line - save), line, (size_t)(nl + 1 - line))) {
			strbuf_addf(why, "is damaged: save %zu is not what was written", saves + 1);
			out->len = had;
			return false;
		}
		strbuf_add(out, rows, (size_t)(line - rows));
		save = rows = nl + 1;
		saves++;
	}
	if (!saves)
		strbuf_adds(why, "is cut short: it holds no whole save");
	return saves > 0;
}
