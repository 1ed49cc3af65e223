/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dir.h"

#include <ftw.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "test.h"

static char folder[] = "/tmp/muster-test-dir-XXXXXX";

static void write_file(const char *name, const char *content)
{
    AUTO(free) char *path = memory_print("%s/%s", folder, name);
    for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    CHECK_ROW(name, file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void empty_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    mkdir(folder, 0700);
}

/* All faults, a line each, without the folder's name. */
static char *faults_take(struct faults *faults)
{
    struct text text = {0};
    for (size_t i = 0; i < faults->count; i++) {
        AUTO(free) char *line = fault_to_text(&faults->at[i]);
        for (char *part = line, *next; part; part = next) {
            next = strstr(part, folder);
            text_append_bytes(&text, bytes_of(part, next ? (size_t)(next - part) : strlen(part)));
            next = next ? next + strlen(folder) + (next[strlen(folder)] == '/') : NULL;
        }
        text_append(&text, "\n");
    }
    faults_finish(faults);
    return text_take(&text);
}

static struct catalog *load(char **ret_said)
{
    struct faults faults = {0};
    struct catalog *catalog = NULL;
    CHECK_NUMBER(store_dir_load(&catalog, folder, &faults), STORE_DIR_OK);
    *ret_said = faults_take(&faults);
    return catalog;
}

static void a_matchbox_directory_is_a_catalog(void)
{
    empty_folder();
    write_file("groups/default.json", "{\"id\": \"default\", \"profile\": \"install\"}");
    write_file("groups/node1.yaml", "id: node1\nprofile: worker\nselector: {mac: 52-54-00-00-00-01}\n");
    write_file("groups/README.txt", "notes");
    write_file("groups/.hidden.json", "{");
    write_file("groups/node1.yaml~", "backup");
    write_file("profiles/install.json", "{\"id\": \"install\", \"boot\": {\"kernel\": \"/assets/k\"}}");
    write_file("profiles/worker.yml", "id: worker\n");
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_TEXT(said, "");
    CHECK_NUMBER(catalog_group_count(catalog), 2);
    CHECK_NUMBER(catalog_profile_count(catalog), 2);
    CHECK_TEXT(catalog_group_at(catalog, 0)->source, "groups/node1.yaml");
    CHECK_TEXT(catalog_profile(catalog, "install")->source, "profiles/install.json");
}

static void a_fresh_directory_is_an_empty_catalog(void)
{
    empty_folder();
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_TEXT(said, "");
    CHECK_NUMBER(catalog_group_count(catalog), 0);
}

static void a_missing_directory_says_what_to_do(void)
{
    struct faults faults = {0};
    struct catalog *catalog = NULL;
    CHECK_NUMBER(store_dir_load(&catalog, "/nowhere/data", &faults), STORE_DIR_E_MISSING);
    CHECK_NUMBER(store_dir_load(&catalog, "/dev/null", &faults), STORE_DIR_E_MISSING);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "/nowhere/data: error: there is no such data directory; make it with `mkdir -p "
                     "/nowhere/data/groups /nowhere/data/profiles`, or name another as 'data' in muster.yaml\n"
                     "/dev/null: error: cannot read the data directory: Not a directory\n");
}

static void broken_documents_leave_the_good_ones_alone(void)
{
    empty_folder();
    write_file("groups/bad-mac.json", "{\"id\": \"m\", \"profile\": \"p\",\n\"selector\": {\"mac\": \"x\"}}");
    write_file("groups/bad.json", "{\n\"id\" 1}");
    write_file("groups/good.json", "{\"id\": \"good\", \"profile\": \"p\"}");
    write_file("groups/folder.json/x", "");
    write_file("groups/slip.jsn", "{}");
    write_file("groups/loud.JSON", "{}");
    write_file("profiles/p.json", "{\"id\": \"p\"}");
    write_file("profiles/q.json", "{\"name\": 7}");
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_NUMBER(catalog_group_count(catalog), 1);
    CHECK_NUMBER(catalog_profile_count(catalog), 1);
    CHECK(strstr(said, "groups/slip.jsn: warning: ignored: only .json, .yaml and .yml are read\n") != NULL);
    CHECK(strstr(said, "groups/loud.JSON: warning: ignored: only .json, .yaml and .yml are read\n") != NULL);
    const char *const lines[] = {
        "profiles/q.json:1:10: error: 'name' must be a text, this is a number\n",
        "groups/bad-mac.json:2:21: error: 'x' is no MAC address: write it as aa:bb:cc:dd:ee:ff\n",
        "groups/bad.json:2:6: error: not JSON: ':' expected near '1'\n",
        "groups/folder.json: error: cannot read it: Is a directory\n",
    };
    const char *rest = said;
    for (size_t i = 0; i < LENGTH(lines) && rest; i++) {
        rest = strstr(rest, lines[i]);
        CHECK_ROW(lines[i], rest != NULL);
    }
}

static void documents_are_compared_with_each_other(void)
{
    empty_folder();
    write_file("profiles/worker.json", "{\"id\": \"worker\"}");
    write_file("profiles/worker.yaml", "id: worker\n");
    write_file("profiles/other.json", "{\"id\": \"another\"}");
    write_file("profiles/broken.json", "{\"id\": \"broken\", \"boot\": 1}");
    write_file("groups/a.json", "{\"id\": \"a\", \"profile\": \"worker\", \"selector\": {\"os\": \"x\"}}");
    write_file("groups/b.json", "{\"id\": \"b\",\n\"profile\": \"wroker\", \"selector\": {\"os\": \"x\"}}");
    write_file("groups/c.json", "{\"id\": \"a\", \"profile\": \"nobody\", \"selector\": {\"os\": \"y\"}}");
    write_file("groups/d.json", "{\"id\": \"d\", \"profile\": \"broken\"}");
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_TEXT(said,
               "profiles/broken.json:1:26: error: 'boot' must be a map of kernel, initrd and args, this is a number\n"
               "profiles/other.json:1:8: warning: its id is 'another', but groups find a profile by its file's name: "
               "this one is 'other'\n"
               "profiles/worker.yaml:1:1: error: there is a profile 'worker' already, in a file of the same name and "
               "another ending\n"
               "groups/b.json:2:12: error: there is no profile 'wroker'; is 'worker' meant?\n"
               "groups/c.json:1:24: error: there is no profile 'nobody': profiles/nobody.json is not there\n"
               "groups/c.json:1:8: warning: another group has the id 'a' already; this one is called 'c'\n"
               "groups/d.json:1:24: error: profiles/broken.json has errors, so this group gives nothing\n"
               "groups/b.json: warning: group 'b' is never chosen: 'a' (groups/a.json) has the same selectors, and of "
               "those the lower id wins\n");
    CHECK_NUMBER(catalog_group_count(catalog), 4);
}

/* Reads again what was touched, all of it where name is NULL. */
static struct catalog *read_again(struct store_dir *dir, unsigned number, const char *name, char **ret_said)
{
    struct faults faults = {0};
    struct catalog *catalog = NULL;
    if (name)
        store_dir_touch(dir, number, name);
    else
        store_dir_touch_all(dir);
    CHECK_NUMBER(store_dir_read(&catalog, dir, &faults), STORE_DIR_OK);
    *ret_said = faults_take(&faults);
    return catalog;
}

enum { PROFILES, GROUPS, IGNITION, CLOUD, GENERIC };

static void config_documents_are_part_of_the_catalog(void)
{
    empty_folder();
    write_file("ignition/site/a.ign", "{\"ignition\": {\"version\": \"3.4.0\"}}");
    write_file("cloud/c.yaml", "#cloud-config\n");
    write_file("generic/k.cfg", "{{.x}}");
    write_file("generic/.hidden", "{{");
    write_file("generic/backup~", "{{");
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_TEXT(said, "");
    CHECK(catalog_document(catalog, CATALOG_IGNITION, "site/a.ign") != NULL);
    CHECK(catalog_document(catalog, CATALOG_CLOUD, "c.yaml") != NULL);
    CHECK(bytes_equal_text(catalog_document(catalog, CATALOG_GENERIC, "k.cfg")->content, "{{.x}}"));
    CHECK(catalog_document(catalog, CATALOG_GENERIC, ".hidden") == NULL);
}

static void a_broken_file_keeps_its_last_good_version(void)
{
    empty_folder();
    write_file("groups/g.json", "{\"id\": \"g\", \"profile\": \"p\"}");
    write_file("profiles/p.json", "{\"id\": \"p\", \"name\": \"good\"}");
    write_file("generic/k.cfg", "good");
    AUTO(store_dir_destroy) struct store_dir *dir = store_dir_create(folder);
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *first = read_again(dir, 0, NULL, &said);
    CHECK_TEXT(said, "");
    write_file("groups/g.json", "{");
    write_file("profiles/p.json", "{\"id\": \"p\", \"name\": 1}");
    write_file("generic/k.cfg", "x\n{{if}}");
    AUTO(free) char *said_then = NULL;
    AUTO(catalog_unref) struct catalog *second = read_again(dir, 0, NULL, &said_then);
    CHECK(strstr(said_then,
                 "profiles/p.json:1:21: error: 'name' must be a text, this is a number; its last good version "
                 "stays in use\n") != NULL);
    CHECK(strstr(said_then, "generic/k.cfg:2:") != NULL);
    CHECK(catalog_group_at(second, 0) == catalog_group_at(first, 0));
    CHECK_TEXT(catalog_profile(second, "p")->name, "good");
    CHECK(bytes_equal_text(catalog_document(second, CATALOG_GENERIC, "k.cfg")->content, "good"));
    CHECK(text_starts_with(catalog_fault(second, "profiles/p.json"), "profiles/p.json:1:21: 'name'"));
    CHECK(catalog_fault(second, "groups/g.json") != NULL && catalog_fault(second, "generic/k.cfg") != NULL);
    write_file("profiles/p.json", "{\"id\": \"p\", \"name\": \"better\"}");
    AUTO(free) char *said_last = NULL;
    AUTO(catalog_unref) struct catalog *third = read_again(dir, PROFILES, "p.json", &said_last);
    CHECK_TEXT(catalog_profile(third, "p")->name, "better");
    CHECK(catalog_fault(third, "profiles/p.json") == NULL);
}

static void only_what_was_touched_is_read_again(void)
{
    empty_folder();
    write_file("groups/a.json", "{\"id\": \"a\", \"profile\": \"p\", \"selector\": {\"x\": \"1\"}}");
    write_file("groups/b.json", "{\"id\": \"b\", \"profile\": \"p\"}");
    write_file("profiles/p.json", "{\"id\": \"p\"}");
    AUTO(store_dir_destroy) struct store_dir *dir = store_dir_create(folder);
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *first = read_again(dir, 0, NULL, &said);
    write_file("groups/a.json", "{\"id\": \"new\", \"profile\": \"p\", \"selector\": {\"x\": \"1\"}}");
    AUTO(free) char *said_then = NULL;
    AUTO(catalog_unref) struct catalog *second = read_again(dir, GROUPS, "a.json", &said_then);
    CHECK_TEXT(catalog_group_at(second, 0)->id, "new");
    CHECK(catalog_group_at(second, 1) == catalog_group_at(first, 1));
    AUTO(free) char *path = memory_print("%s/groups/a.json", folder);
    CHECK(remove(path) == 0);
    AUTO(free) char *said_last = NULL;
    AUTO(catalog_unref) struct catalog *third = read_again(dir, GROUPS, "a.json", &said_last);
    CHECK_NUMBER(catalog_group_count(third), 1);
    struct catalog *none = NULL;
    struct faults faults = {0};
    CHECK_NUMBER(store_dir_read(&none, dir, &faults), STORE_DIR_UNCHANGED);
    CHECK(none == NULL && faults.count == 0);
}

static void what_is_likely_wrong_is_warned_of(void)
{
    empty_folder();
    write_file("assets/vmlinuz", "k");
    write_file("ignition/there.ign", "{\"ignition\": {\"version\": \"3.4.0\"}}");
    write_file("groups/a.json", "{\"id\": \"a\", \"profile\": \"used\"}");
    write_file("profiles/idle.json", "{\"id\": \"idle\"}");
    write_file("profiles/used.json",
               "{\"id\": \"used\", \"ignition_id\": \"there.ign\", \"cloud_id\": \"none.yaml\", \"boot\": {"
               "\"kernel\": \"/assets/vmlinuz?x=1\", \"initrd\": [\"--name main /assets/initrd\", "
               "\"http://other/assets/x\", \"/assets/${arch}/x\", \"/assets/../groups/a.json\"]}}");
    AUTO(free) char *said = NULL;
    AUTO(catalog_unref) struct catalog *catalog = load(&said);
    CHECK_TEXT(said, "");
    AUTO(free) char *assets = memory_print("%s/assets", folder);
    struct faults faults = {0};
    store_dir_check(catalog, folder, assets, &faults);
    AUTO(free) char *checked = faults_take(&faults);
    CHECK_TEXT(checked, "profiles/idle.json: warning: no group gives this profile\n"
                        "profiles/used.json: warning: 'cloud_id' is none.yaml, but there is no cloud/none.yaml\n"
                        "profiles/used.json: warning: 'boot.initrd' is /assets/initrd, but there is no assets/initrd\n"
                        "profiles/used.json: warning: 'boot.initrd' is /assets/../groups/a.json, but there is no "
                        "assets/../groups/a.json\n");
    store_dir_check(catalog, folder, "", &faults);
    AUTO(free) char *unserved = faults_take(&faults);
    CHECK(strstr(unserved, "'boot.kernel' is /assets/vmlinuz?x=1, but assets are not served") != NULL);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    RUN(a_matchbox_directory_is_a_catalog);
    RUN(a_fresh_directory_is_an_empty_catalog);
    RUN(a_missing_directory_says_what_to_do);
    RUN(broken_documents_leave_the_good_ones_alone);
    RUN(documents_are_compared_with_each_other);
    RUN(config_documents_are_part_of_the_catalog);
    RUN(a_broken_file_keeps_its_last_good_version);
    RUN(only_what_was_touched_is_read_again);
    RUN(what_is_likely_wrong_is_warned_of);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return test_result();
}
