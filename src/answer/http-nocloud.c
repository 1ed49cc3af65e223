/* SPDX-License-Identifier: Apache-2.0 */
/* The seed of cloud-init's data source NoCloud, for Ubuntu's autoinstall and every image with cloud-init in it:
 * /nocloud/[LABEL/VALUE/…]{user-data,meta-data,vendor-data,network-config}. A machine that says nothing of itself is
 * known by its address. */
#include <string.h>

#include "answer/document.h"
#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/array.h"
#include "base/memory.h"
#include "lang/nocloud.h"

/* Media type of all that a seed has: cloud-init does not look at it. */
#define SEED_MEDIA_TYPE HTTP_TEXT_PLAIN

/* Pairs of labels looked at in one path. */
#define HTTP_PATH_LABELS_MAX 64

/* One request of a seed. */
struct seed {
    struct http_reply *reply;
    const struct http_question *question;
    struct http_asker asker;
    struct decision decision;
};

static void render_seed(struct seed *seed, enum catalog_document_kind kind, const char *name)
{
    const struct decision *decision = &seed->decision;
    AUTO(free) char *raw_query = answer_http_raw_query(seed->question);
    const struct document_request request = {&seed->asker.labels, &seed->asker.labels, raw_query, NULL};
    if (document_render(&seed->reply->body, seed->question->catalog, decision->group, decision->profile, &request, kind,
                        name, &seed->reply->reason) != 0) {
        answer_http_refuse(seed->reply, &seed->asker);
        return;
    }
    AUTO(free) char *source = memory_print("%s/%s", catalog_document_folder(kind), name);
    answer_http_note(seed->reply, decision, source, seed->question->catalog);
    http_reply_be_text(seed->reply, 200, SEED_MEDIA_TYPE);
}

static void answer_user_data(struct seed *seed)
{
    render_seed(seed, CATALOG_CLOUD, seed->decision.profile->cloud_id);
}

/* A text in the metadata, or the label of that name; "" where there is neither. */
static const char *told(const struct seed *seed, const struct value *data, const char *key, const char *label)
{
    const struct value *value = value_map_get(data, key);
    const char *known = labels_get(&seed->asker.labels, label);
    return value && value->kind == VALUE_STRING ? value->string.characters : known ? known : "";
}

/* The first of what stays the same from boot to boot. */
static const char *instance_of(const struct seed *seed, const struct value *data)
{
    static const char *const names[] = {"uuid", "mac", "ip"};
    const char *told_instance = told(seed, data, "instance-id", "");
    for (size_t i = 0; i < LENGTH(names) && told_instance[0] == '\0'; i++) {
        const char *value = labels_get(&seed->asker.labels, names[i]);
        told_instance = value ? value : "";
    }
    return told_instance[0] != '\0' ? told_instance : seed->decision.group->id;
}

static void answer_meta_data(struct seed *seed)
{
    AUTO(value_unref)
    struct value *data = document_data(seed->decision.group, seed->decision.profile,
                                       &(struct document_request){&seed->asker.labels, &seed->asker.labels, "", NULL});
    nocloud_write_metadata(&seed->reply->body, instance_of(seed, data), told(seed, data, "hostname", "hostname"));
    http_reply_be_text(seed->reply, 200, SEED_MEDIA_TYPE);
    answer_http_note(seed->reply, &seed->decision, "meta-data", seed->question->catalog);
}

static void answer_vendor_data(struct seed *seed)
{
    http_reply_be_text(seed->reply, 200, SEED_MEDIA_TYPE);
    answer_http_note(seed->reply, &seed->decision, "no vendor-data", seed->question->catalog);
}

static void answer_network_config(struct seed *seed)
{
    fail(&seed->reply->reason, 0, "profile '%s' has no network-config under 'generic'", seed->decision.profile->id);
    answer_http_refuse(seed->reply, &seed->asker);
}

/* What is given where the profile has no generic document of that name. */
static const struct {
    const char *name;
    void (*answer)(struct seed *seed);
} files[] = {
    {"user-data", answer_user_data},
    {"meta-data", answer_meta_data},
    {"vendor-data", answer_vendor_data},
    {"network-config", answer_network_config},
};

static void answer_file(struct seed *seed, const char *name)
{
    const char *generic = labels_get(&seed->decision.profile->generics, name);
    for (size_t i = 0; i < LENGTH(files); i++) {
        if (!text_is(files[i].name, name))
            continue;
        if (generic)
            render_seed(seed, CATALOG_GENERIC, generic);
        else
            files[i].answer(seed);
        return;
    }
    fail(&seed->reply->reason, 0,
         "a NoCloud seed has user-data, meta-data, vendor-data and network-config; "
         "labels stand before them in pairs: /nocloud/mac/52-54-00-12-34-56/user-data");
    answer_http_refuse(seed->reply, &seed->asker);
}

/* Takes "mac/52-54-00-12-34-56/" off the path as a label; false when only the file's name is left. */
static bool take_label(struct http_asker *asker, const char **path)
{
    size_t name_size = strcspn(*path, "/");
    const char *value = *path + name_size + 1;
    if ((*path)[name_size] == '\0' || !strchr(value, '/'))
        return false;
    size_t value_size = strcspn(value, "/");
    AUTO(free) char *name_text = memory_text_of(*path, name_size);
    AUTO(free) char *value_text = memory_text_of(value, value_size);
    if (!labels_get(&asker->sent, name_text) && !labels_set_normalised(&asker->sent, name_text, value_text) &&
        asker->unread_mac.length == 0)
        text_append(&asker->unread_mac, value_text);
    *path = value + value_size + 1;
    return true;
}

static void seed_finish(struct seed *seed)
{
    http_asker_finish(&seed->asker);
}
AUTO_DEFINE_STRUCT(seed_finish, struct seed);

void answer_http_nocloud(struct http_reply *ret, const struct http_question *question)
{
    AUTO(seed_finish) struct seed seed = {.reply = ret, .question = question};
    const char *file = question->rest;
    size_t labels = 0;
    while (labels++ < HTTP_PATH_LABELS_MAX && take_label(&seed.asker, &file))
        ;
    if (answer_http_decide(&seed.decision, ret, &seed.asker, STAGE_CONFIG, question) != DECISION_OK)
        answer_http_refuse(ret, &seed.asker);
    else
        answer_file(&seed, file);
}
