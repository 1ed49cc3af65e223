/* SPDX-License-Identifier: Apache-2.0 */
/* Overlays out of profiles. */
#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/profile.h"
#include "test.h"

static struct profile *profile_of(const char *overlay, enum document_syntax syntax, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    AUTO(free)
    char *source =
        memory_print(syntax == DOCUMENT_JSON ? "{\"id\": \"p\", \"overlay\": %s}" : "id: p\noverlay:\n%s", overlay);
    if (document_parse(&document, "profiles/f", bytes_of_text(source), syntax, faults) != DOCUMENT_OK)
        return NULL;
    return profile_from_document(document, faults);
}

/* All faults, a line each. */
static char *faults_take(struct faults *faults)
{
    struct text text = {0};
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        text_print(&text, "%s%s", i > 0 ? "\n" : "", line);
    }
    faults_finish(faults);
    return text_take(&text);
}

/* "CONTENT 644 0:0 etc/hostname 'x'", a line each. */
static void list(struct text *ret, const struct overlay *overlay)
{
    static const char *const kinds[] = {"content", "document", "link", "directory"};
    for (size_t i = 0; i < overlay->count; i++) {
        const struct overlay_file *file = &overlay->files[i];
        text_print(ret, "%s%s", i > 0 ? "\n" : "", kinds[file->kind]);
        if (file->kind == OVERLAY_DOCUMENT)
            text_print(ret, " in %s", catalog_document_folder(file->document));
        text_print(ret, " %o %u:%u %s '%s'", file->mode, file->uid, file->gid, file->path, file->text);
    }
}

static void an_overlay_is_read_from_either_syntax(void)
{
    static const char *const sources[] = {
        [DOCUMENT_JSON] = "[{\"path\": \"/usr/share/oem/cloud-config.yml\", \"cloud\": true},\n"
                          " {\"path\": \"etc/hostname\", \"content\": \"{{.host}}\\n\", \"mode\": \"0600\"},\n"
                          " {\"path\": \"sbin-x\", \"template\": \"site/x.sh\", \"mode\": 4755, \"uid\": 500, "
                          "\"gid\": 4294967294},\n"
                          " {\"path\": \"config.ign\", \"ignition\": \"node.ign\", \"cloud\": null},\n"
                          " {\"path\": \"etc/mtab\", \"link\": \"../proc/mounts\"},\n"
                          " {\"path\": \"var/lib/x/\", \"directory\": true, \"mode\": \"0o1777\"},\n"
                          " {\"path\": \"empty\", \"content\": \"\", \"directory\": false}]",
        [DOCUMENT_YAML] = "- {path: /usr/share/oem/cloud-config.yml, cloud: true}\n"
                          "- path: etc/hostname\n  content: |\n    {{.host}}\n  mode: 0600\n"
                          "- {path: sbin-x, template: site/x.sh, mode: 04755, uid: 500, gid: 4294967294}\n"
                          "- {path: config.ign, ignition: node.ign}\n"
                          "- {path: etc/mtab, link: ../proc/mounts}\n"
                          "- {path: var/lib/x, directory: true, mode: 0o1777}\n"
                          "- {path: empty, content: ''}\n",
    };
    for (size_t i = 0; i < LENGTH(sources); i++) {
        struct faults faults = {0};
        AUTO(profile_unref) struct profile *profile = profile_of(sources[i], (enum document_syntax)i, &faults);
        AUTO(free) char *said = faults_take(&faults);
        AUTO(text_finish) struct text listed = {0};
        CHECK_TEXT(said, "");
        if (!profile)
            continue;
        list(&listed, &profile->overlay);
        CHECK_TEXT(text_characters(&listed), "document in cloud 644 0:0 usr/share/oem/cloud-config.yml ''\n"
                                             "content 600 0:0 etc/hostname '{{.host}}\n'\n"
                                             "document in generic 4755 500:4294967294 sbin-x 'site/x.sh'\n"
                                             "document in ignition 644 0:0 config.ign 'node.ign'\n"
                                             "link 777 0:0 etc/mtab '../proc/mounts'\n"
                                             "directory 1777 0:0 var/lib/x ''\n"
                                             "content 644 0:0 empty ''");
    }
}

static void a_path_that_is_a_template_waits_for_its_machine(void)
{
    struct faults faults = {0};
    AUTO(profile_unref)
    struct profile *profile =
        profile_of("- {path: '/etc/{{.a}}/../b', link: '{{.b}}'}\n- {path: x, link: '{{.c}}'}", DOCUMENT_YAML, &faults);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    if (!profile)
        return;
    CHECK_TEXT(profile->overlay.files[0].path, "/etc/{{.a}}/../b");
    CHECK_TEXT(profile->overlay.files[1].text, "{{.c}}");
}

static void null_and_an_empty_list_are_no_overlay(void)
{
    static const char *const sources[] = {"null", "[]"};
    for (size_t i = 0; i < LENGTH(sources); i++) {
        struct faults faults = {0};
        AUTO(profile_unref) struct profile *profile = profile_of(sources[i], DOCUMENT_JSON, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, "");
        CHECK(profile && profile->overlay.count == 0);
    }
}

static void what_is_wrong_is_said_where_it_stands(void)
{
    static const struct {
        const char *source, *said;
    } rows[] = {
        {" 5", "3:2: error: 'overlay' must be a list of files, this is a number"},
        {"- 5", "3:3: error: a file of the overlay must be a map of keys, this is a number"},
        {"- {content: x}", "3:3: error: a file of the overlay has no 'path'"},
        {"- {path: , content: x}", "3:3: error: path '' names nothing below the root"},
        {"- {path: a}", "3:3: error: 'a' must have one of content, template, cloud, ignition, link and directory"},
        {"- {path: a, content: x, cloud: true}",
         "3:3: error: 'a' must have one of content, template, cloud, ignition, link and directory, and not more"},
        {"- path: ok\n  content: x\n- {path: ../../etc/passwd, content: x}",
         "5:10: error: path '../../etc/passwd' leads out by '..'"},
        {"- {path: \"a\\nb\", content: x}", "3:10: error: path 'a\\x0ab' has a control character in it"},
        {"- {path: a, content: x}\n- {path: /a, content: y}", "4:3: error: path 'a' is there twice"},
        {"- {path: a/b, content: x}\n- {path: a, content: y}",
         "4:3: error: path 'a' is a directory, since other files lie below it"},
        {"- {path: a, content: x}\n- {path: a/b, content: y}",
         "4:3: error: path 'a/b' lies below 'a', which is a file already"},
        {"- {path: a, link: ''}", "3:3: error: link 'a' points to nothing that can be named"},
        {"- {path: a, content: x, mode: 0798}",
         "3:31: error: 'overlay.mode' must be octal digits of at most 7777, as in \"0644\", not '0798'"},
        {"- {path: a, content: x, mode: '10000'}",
         "3:31: error: 'overlay.mode' must be octal digits of at most 7777, as in \"0644\", not '10000'"},
        {"- {path: a, content: x, mode: -1}",
         "3:31: error: 'overlay.mode' must be octal digits of at most 7777, as in \"0644\", not '-1'"},
        {"- {path: a, content: x, mode: rw}",
         "3:31: error: 'overlay.mode' must be octal digits of at most 7777, as in \"0644\", not 'rw'"},
        {"- {path: a, content: x, mode: [0644]}",
         "3:31: error: 'overlay.mode' must be octal digits, as in \"0644\", this is a list"},
        {"- {path: a, content: x, mode: 420}",
         "3:31: warning: mode 420 is read as octal, 0420, and lets others do what the owner may not"},
        {"- {path: a, content: x, uid: root}",
         "3:30: error: 'overlay.uid' must be a number of a user or group, this is a text"},
        {"- {path: a, content: x, gid: 4294967295}",
         "3:30: error: 'overlay.gid' must be a number of a user or group, this is a number"},
        {"- {path: a, content: x, gid: -1}",
         "3:30: error: 'overlay.gid' must be a number of a user or group, this is a number"},
        {"- {path: a, content: [x]}", "3:22: error: 'overlay.content' must be a text, this is a list"},
        {"- {path: a, cloud: [x]}",
         "3:20: error: 'overlay.cloud' must be true or the name of a document, this is a list"},
        {"- {path: a, cloud: ''}",
         "3:20: error: 'overlay.cloud' must be true or the name of a document, this is a text"},
        {"- {path: a, directory: yes please}",
         "3:24: error: 'overlay.directory' must be true or false, this is a text"},
        {"- {path: a, contents: x}",
         "3:13: warning: unknown key 'overlay.contents' is ignored; is 'overlay.content' meant?\n"
         "profiles/f:3:3: error: 'a' must have one of content, template, cloud, ignition, link and directory"},
        {"- {path: a, content: x}\nboot: {efi: /a.efi}", "1:1: warning: 'overlay' goes with 'boot.kernel' only: an EFI "
                                                         "program or an image does not get it"},
        {"- {path: bin/x, content: x}", "3:3: warning: in most systems /bin is a link to usr/bin, which a directory of "
                                        "the overlay replaces: write usr/bin/x"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(profile_unref) struct profile *profile = profile_of(rows[i].source, DOCUMENT_YAML, &faults);
        AUTO(free) char *said = faults_take(&faults);
        AUTO(free) char *expected = memory_print("profiles/f:%s", rows[i].said);
        CHECK_TEXT(said, expected);
        CHECK_ROW(rows[i].source, (profile == NULL) == (strstr(rows[i].said, "error: ") != NULL));
    }
}

int main(void)
{
    RUN(an_overlay_is_read_from_either_syntax);
    RUN(a_path_that_is_a_template_waits_for_its_machine);
    RUN(null_and_an_empty_list_are_no_overlay);
    RUN(what_is_wrong_is_said_where_it_stands);
    return test_result();
}
