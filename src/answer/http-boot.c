/* SPDX-License-Identifier: Apache-2.0 */
/* What one machine boots. */
#include "answer/http-boot.h"

#include <stdlib.h>
#include <string.h>

#include "answer/document.h"
#include "answer/http-args.h"
#include "base/memory.h"
#include "lang/ipxe.h"

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void http_boot_finish(struct http_boot *boot)
{
    free(boot->kernel);
    texts_free(boot->initrd, boot->initrd_count);
    texts_free(boot->args, boot->args_count);
    *boot = (struct http_boot){0};
}

/* How the lines of one profile become those of one machine. */
struct rendering {
    const struct value *data; /* NULL: the lines are no templates */
    const struct profile *profile;
    const struct http_question *question;
    struct diag *why;
};

/* The line on the heap, or NULL. A reason begins with the profile's document. */
static char *render_line(const struct rendering *rendering, const char *line, const char *name)
{
    AUTO(text_finish) struct text text = {0};
    struct diag why = {0};
    if (!rendering->data)
        return memory_text(line);
    if (http_args_render(&text, line, name, rendering->data, rendering->question->settings,
                         rendering->question->request->host, &why) == 0)
        return text_take(&text);
    fail(rendering->why, 0, "%s, boot.%s",
         rendering->profile->source ? rendering->profile->source : rendering->profile->id, why.text);
    return NULL;
}

static bool render_lines(char ***ret, size_t *ret_count, const struct rendering *rendering, char **lines, size_t count,
                         const char *name)
{
    *ret = memory_new(count + 1, sizeof **ret);
    for (*ret_count = 0; *ret_count < count; (*ret_count)++) {
        char *line = render_line(rendering, lines[*ret_count], name);
        if (!line)
            return false;
        (*ret)[*ret_count] = line;
    }
    return true;
}

int http_boot_render(struct http_boot *ret, const struct decision *decision, const struct http_asker *asker,
                     const struct http_question *question, struct diag *why)
{
    const struct profile *profile = decision->profile;
    AUTO(value_unref) struct value *data = NULL;
    if (profile->boot.args_are_templates) {
        AUTO(free) char *raw_query = answer_http_raw_query(question);
        data = document_data(decision->group, profile,
                             &(struct document_request){&asker->labels, &asker->labels, raw_query});
    }
    struct rendering rendering = {.data = data, .profile = profile, .question = question, .why = why};
    ret->kernel = render_line(&rendering, profile->boot.kernel, "kernel");
    bool right = ret->kernel && render_lines(&ret->initrd, &ret->initrd_count, &rendering, profile->boot.initrd,
                                             profile->boot.initrd_count, "initrd");
    right = right && render_lines(&ret->args, &ret->args_count, &rendering, profile->boot.args,
                                  profile->boot.args_count, "args");
    return right ? 0 : 1;
}

static const char *setting_of(const void *context, const char *name)
{
    return labels_get(context, text_is(name, "buildarch") ? "arch" : name);
}

static void expand(char **line, const struct labels *labels)
{
    AUTO(text_finish) struct text text = {0};
    ipxe_expand(&text, *line, setting_of, labels);
    free(*line);
    *line = text_take(&text);
}

static void cut_to_url(char **entry)
{
    struct bytes url = ipxe_entry_url(NULL, *entry);
    char *cut = memory_text_of(url.size > 0 ? (const char *)url.data : "", url.size);
    free(*entry);
    *entry = cut;
}

static void add_first_arg(struct http_boot *boot, const char *arg)
{
    boot->args = memory_resize(boot->args, boot->args_count + 1, sizeof *boot->args);
    memmove(boot->args + 1, boot->args, boot->args_count * sizeof *boot->args);
    boot->args[0] = memory_text(arg);
    boot->args_count++;
}

void http_boot_plain(struct http_boot *boot, const struct http_asker *asker)
{
    const char *rest = "";
    expand(&boot->kernel, &asker->labels);
    for (size_t i = 0; i < boot->initrd_count; i++) {
        expand(&boot->initrd[i], &asker->labels);
        cut_to_url(&boot->initrd[i]);
    }
    for (size_t i = 0; i < boot->args_count; i++)
        expand(&boot->args[i], &asker->labels);
    ipxe_entry_url(&rest, boot->kernel);
    rest += strspn(rest, " \t");
    if (*rest != '\0')
        add_first_arg(boot, rest);
    cut_to_url(&boot->kernel);
}
