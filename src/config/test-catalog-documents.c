/* SPDX-License-Identifier: Apache-2.0 */
/* Groups and profiles out of documents. */
#include "base/array.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/group.h"
#include "config/profile.h"
#include "test.h"

static struct group *group_of(const char *source, enum document_syntax syntax, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
    if (document_parse(&document, "groups/f", bytes_of_text(source), syntax, faults) != DOCUMENT_OK)
        return NULL;
    return group_from_document(document, "f", faults);
}

static struct profile *profile_of(const char *source, enum document_syntax syntax, struct faults *faults)
{
    AUTO(document_destroy) struct document *document = NULL;
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

static void a_group_is_read_from_either_syntax(void)
{
    const char *const sources[] = {
        [DOCUMENT_JSON] = "{\"id\": \"node1\", \"NAME\": \"the first\", \"Profile\": \"worker\", \"extra\": [1],\n"
                          "\"selector\": {\"mac\": \"52-54-00-AB-00-01\", \"os\": \"installed\", \"x\": null},\n"
                          "\"metadata\": {\"ip\": \"10.0.0.1\", \"deep\": {\"number\": 3}}}",
        [DOCUMENT_YAML] = "id: node1\nname: the first\nprofile: worker\n"
                          "selector: {mac: 52-54-00-AB-00-01, os: installed, x: ''}\n"
                          "metadata:\n  ip: 10.0.0.1\n  deep: {number: 3}\n",
    };
    for (size_t i = 0; i < LENGTH(sources); i++) {
        struct faults faults = {0};
        AUTO(group_unref) struct group *group = group_of(sources[i], (enum document_syntax)i, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, "");
        if (!group)
            continue;
        CHECK_TEXT(group->id, "node1");
        CHECK_TEXT(group->name, "the first");
        CHECK_TEXT(group->profile, "worker");
        CHECK_TEXT(group->source, "groups/f");
        CHECK_NUMBER(group->selector.count, 3);
        CHECK_TEXT(labels_get(&group->selector, "mac"), "52:54:00:ab:00:01");
        CHECK_TEXT(labels_get(&group->selector, "x"), "");
        CHECK_TEXT(value_map_get(group->metadata, "ip")->string.characters, "10.0.0.1");
        CHECK(value_map_get(value_map_get(group->metadata, "deep"), "number")->number == 3);
    }
}

static void a_profile_names_more_files_and_bootcfgs_arguments(void)
{
    const struct {
        const char *boot, *first;
        bool pairs;
    } rows[] = {
        {"{\"cmdline\": {\"b\": \"1\", \"a\": \"\"}}", "a", true},
        {"{\"cmdline\": {\"b\": \"1\", \"a\": \"\"}, \"args\": []}", "a", true},
        {"{\"cmdline\": {\"b\": \"1\"}, \"args\": [\"c=2\", \"d\"]}", "c=2", false},
        {"{\"args\": [\"c=2\", \"d\"], \"cmdline\": {\"b\": \"1\"}}", "c=2", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(free)
        char *source = memory_print("{\"id\": \"f\", \"generic\": {\"ks\": \"a.ks\"}, \"boot\": %s}", rows[i].boot);
        AUTO(profile_unref) struct profile *profile = profile_of(source, DOCUMENT_JSON, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, "");
        CHECK_ROW(rows[i].boot, profile && profile->boot.args_count == 2);
        CHECK_ROW(rows[i].boot, profile && profile->boot.args_are_pairs == rows[i].pairs);
        CHECK_TEXT(profile ? profile->boot.args[0] : NULL, rows[i].first);
        CHECK_TEXT(profile ? labels_get(&profile->generics, "ks") : NULL, "a.ks");
    }
}

static void a_group_without_an_id_takes_its_files_name(void)
{
    struct faults faults = {0};
    AUTO(group_unref) struct group *group = group_of("{\"profile\": \"p\"}", DOCUMENT_JSON, &faults);
    CHECK_TEXT(group->id, "f");
    CHECK(group->metadata == NULL && group->selector.count == 0);
}

static void a_profile_is_read_from_either_syntax(void)
{
    const char *const sources[] = {
        [DOCUMENT_JSON] =
            "{\"id\": \"worker\", \"ignition_id\": \"w.ign\", \"cloud_id\": \"c\", \"generic_id\": null,\n"
            "\"boot\": {\"kernel\": \"/assets/vmlinuz\", \"initrd\": [\"/assets/a\", \"--name b /b\"],\n"
            "\"args\": [\"console=ttyS0\"], \"cmdline\": {\"old\": \"\"}}}",
        [DOCUMENT_YAML] = "id: worker\nignition_id: w.ign\ncloud_id: c\nboot:\n  kernel: /assets/vmlinuz\n"
                          "  initrd:\n    - /assets/a\n    - --name b /b\n  args: [console=ttyS0]\n",
    };
    for (size_t i = 0; i < LENGTH(sources); i++) {
        struct faults faults = {0};
        AUTO(profile_unref) struct profile *profile = profile_of(sources[i], (enum document_syntax)i, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, "");
        if (!profile)
            continue;
        CHECK_TEXT(profile->id, "worker");
        CHECK_TEXT(profile->ignition_id, "w.ign");
        CHECK_TEXT(profile->generic_id, "");
        CHECK(profile->boot.present && !profile->boot.args_are_templates);
        CHECK_TEXT(profile->boot.kernel, "/assets/vmlinuz");
        CHECK_NUMBER(profile->boot.initrd_count, 2);
        CHECK_TEXT(profile->boot.initrd[1], "--name b /b");
        CHECK_TEXT(profile->boot.args[0], "console=ttyS0");
    }
}

static void an_empty_boot_member_is_present_and_null_is_not(void)
{
    struct faults faults = {0};
    AUTO(profile_unref) struct profile *empty = profile_of("{\"id\":\"a\",\"boot\":{}}", DOCUMENT_JSON, &faults);
    AUTO(profile_unref) struct profile *null = profile_of("{\"id\":\"a\",\"boot\":null}", DOCUMENT_JSON, &faults);
    CHECK(empty->boot.present && !null->boot.present);
}

static void a_profile_boots_more_than_kernels(void)
{
    struct faults faults = {0};
    AUTO(profile_unref)
    struct profile *profile =
        profile_of("id: p\nboot: {efi: /a.efi, iso: /a.iso, memdisk: true}", DOCUMENT_YAML, &faults);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    CHECK(profile && profile->boot.present && profile->boot.memdisk);
    CHECK_TEXT(profile->boot.kernel, "");
    CHECK_TEXT(profile->boot.efi, "/a.efi");
    CHECK_TEXT(profile->boot.iso, "/a.iso");
}

static void a_selector_takes_more_than_texts(void)
{
    const struct {
        const char *selector, *words;
    } rows[] = {
        {"{mac: [52-54-00-AB-00-01, '5254.00ab.0002']}", "mac to be one of '52:54:00:ab:00:01', '52:54:00:ab:00:02'"},
        {"{os: [a]}", "os to be 'a'"},
        {"{os: {any: [b, a, a, 7]}}", "os to be one of '7', 'a', 'b'"},
        {"{hostname: {glob: 'web-*'}}", "hostname to be like 'web-*'"},
        {"{hostname: {glob: ['web-*', 'db?']}}", "hostname to be one of like 'web-*' or like 'db?'"},
        {"{mac: {glob: '52-54-[A-F0-9]*'}}", "mac to be like '52:54:[a-f0-9]*'"},
        {"{ip: {cidr: 10.0.0.0/8}}", "ip to be in 10.0.0.0/8"},
        {"{ip: {cidr: 10.0.0.0/8, not: 10.0.0.1}}", "ip to be in 10.0.0.0/8 and not '10.0.0.1'"},
        {"{os: {not: [a, {glob: 'b*'}]}}", "os to be not one of 'a', like 'b*'"},
        {"{os: {not: }}", "os to be not ''"},
        {"{os: {not: {glob: 'a*'}}}", "os to be not like 'a*'"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(free) char *source = memory_print("profile: p\nselector: %s\n", rows[i].selector);
        AUTO(group_unref) struct group *group = group_of(source, DOCUMENT_YAML, &faults);
        AUTO(free) char *said = faults_take(&faults);
        AUTO(text_finish) struct text words = {0};
        CHECK_TEXT(said, "");
        if (group && group_want_count(group) == 1)
            group_want_append_words(&words, group_want_at(group, 0));
        CHECK_TEXT(text_characters(&words), rows[i].words);
    }
}

static void what_is_wrong_with_a_group_is_said_where_it_stands(void)
{
    const struct {
        enum document_syntax syntax;
        const char *source, *said;
        bool dropped;
    } rows[] = {
        {DOCUMENT_JSON, "[]", "groups/f:1:1: error: a group must be a map of keys, this is a list", true},
        {DOCUMENT_YAML, "", "groups/f:1:1: error: a group must be a map of keys, this is nothing", true},
        {DOCUMENT_JSON, "{\"id\":\"a\"}",
         "groups/f:1:1: error: the group has no 'profile': name the one that its machines get", true},
        {DOCUMENT_JSON, "{\"profile\": 7}", "groups/f:1:13: error: 'profile' must be a text, this is a number", true},
        {DOCUMENT_JSON, "{\"profile\": \"p\",\n \"selector\": {\"mac\": \"52:54\"}}",
         "groups/f:2:22: error: '52:54' is no MAC address: write it as aa:bb:cc:dd:ee:ff", true},
        {DOCUMENT_YAML, "profile: p\nselector:\n  MAC: 525400123456\n  os: [[a]]\nmetadata: 5\n",
         "groups/f:3:8: error: '525400123456' is no MAC address: write it as aa:bb:cc:dd:ee:ff\n"
         "groups/f:4:8: error: 'selector.os' must be a text, a list of them, or a map of any, glob, cidr and not, "
         "this is a list\n"
         "groups/f:5:11: error: 'metadata' must be a map of keys, this is a number",
         true},
        {DOCUMENT_YAML,
         "profile: p\nselector:\n  mac: [aa]\n  ip: {cidr: 10.0.0.1/8}\n  os: {globe: x}\n  x: []\n  y: {}\n",
         "groups/f:3:9: error: 'aa' is no MAC address: write it as aa:bb:cc:dd:ee:ff\n"
         "groups/f:4:14: error: '10.0.0.1/8' is no network: write it as 10.0.0.0/8, with zeros behind the prefix\n"
         "groups/f:5:8: error: 'globe' is no form of a selector: any, glob, cidr and not are; is 'glob' meant?\n"
         "groups/f:6:6: error: 'selector.x' is empty, so that nothing is said of it\n"
         "groups/f:7:6: error: 'selector.y' is empty, so that nothing is said of it",
         true},
        {DOCUMENT_JSON, "{\"profile\": \"p\",\n \"selector\": \"x\"}",
         "groups/f:2:14: error: 'selector' must be a map of labels, each a text, this is a text", true},
        {DOCUMENT_JSON, "{\"profile\": \"p\", \"selectors\": {}}",
         "groups/f:1:18: warning: unknown key 'selectors' is ignored; is 'selector' meant?", false},
        {DOCUMENT_JSON, "{\"profile\": \"p\",\n \"Profile\": \"q\"}",
         "groups/f:2:2: error: 'profile' is there twice, first in line 1", true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(group_unref) struct group *group = group_of(rows[i].source, rows[i].syntax, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, rows[i].said);
        CHECK_ROW(rows[i].source, (group == NULL) == rows[i].dropped);
    }
}

static void what_is_wrong_with_a_profile_is_said_where_it_stands(void)
{
    const struct {
        const char *source, *said;
        bool dropped;
    } rows[] = {
        {"{}", "profiles/f:1:1: error: the profile has no 'id': give it the name of its file without the ending", true},
        {"{\"id\":\"a\", \"boot\": \"x\"}",
         "profiles/f:1:20: error: 'boot' must be a map of kernel, initrd and args, this is a text", true},
        {"{\"id\":\"a\", \"boot\": {\"kernel\": [],\n\"initrd\": \"one\", \"args\": [\"a\", 5]}}",
         "profiles/f:1:31: error: 'boot.kernel' must be a text, this is a list\n"
         "profiles/f:2:11: error: 'boot.initrd' must be a list of texts, this is a text\n"
         "profiles/f:2:32: error: 'boot.args' must be a list of texts, this is a number",
         true},
        {"{\"id\":\"a\", \"boot\": {\"kernal\": \"x\"}}",
         "profiles/f:1:21: warning: unknown key 'boot.kernal' is ignored; is 'boot.kernel' meant?", false},
        {"{\"id\":\"a\",\n \"boot\": {\"kernel\": \"k\", \"iso\": \"i\"}}",
         "profiles/f:2:10: error: 'boot.iso' is booted instead of a kernel with initrds: give one of them", true},
        {"{\"id\":\"a\",\n \"boot\": {\"initrd\": [\"k\"], \"iso\": \"i\"}}",
         "profiles/f:2:10: error: 'boot.iso' is booted instead of a kernel with initrds: give one of them", true},
        {"{\"id\":\"a\",\n \"boot\": {\"kernel\": \"k\", \"memdisk\": true}}",
         "profiles/f:2:10: error: 'boot.memdisk' is for 'boot.iso', which is not there", true},
        {"{\"id\":\"a\",\n \"boot\": {\"efi\": 5, \"memdisk\": 1}}",
         "profiles/f:2:18: error: 'boot.efi' must be a text, this is a number\n"
         "profiles/f:2:32: error: 'boot.memdisk' must be true or false, this is a number",
         true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(profile_unref) struct profile *profile = profile_of(rows[i].source, DOCUMENT_JSON, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_TEXT(said, rows[i].said);
        CHECK_ROW(rows[i].source, (profile == NULL) == rows[i].dropped);
    }
}

static void a_loader_is_one_of_those_there_are(void)
{
    static const char known[] = "auto, ipxe, snponly, undionly, pxelinux, lpxelinux, grub, shim, uki, none or local";
    const struct {
        const char *value, *said;
        enum loader_choice loader;
    } rows[] = {
        {"\"grub\"", NULL, LOADER_CHOICE_GRUB},
        {"\"local\"", NULL, LOADER_CHOICE_NONE},
        {"null", NULL, LOADER_CHOICE_UNSET},
        {"\"GRUB\"", ", not 'GRUB'", LOADER_CHOICE_UNSET},
        {"[\"grub\"]", ", this is a list", LOADER_CHOICE_UNSET},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(free) char *group_source = memory_print("{\"profile\": \"p\", \"loader\": %s}", rows[i].value);
        AUTO(free) char *profile_source = memory_print("{\"id\": \"p\", \"loader\": %s}", rows[i].value);
        AUTO(group_unref) struct group *group = group_of(group_source, DOCUMENT_JSON, &faults);
        AUTO(profile_unref) struct profile *profile = profile_of(profile_source, DOCUMENT_JSON, &faults);
        AUTO(free) char *said = faults_take(&faults);
        AUTO(free)
        char *wanted = memory_print("groups/f:1:28: error: 'loader' must be %s%s\n"
                                    "profiles/f:1:23: error: 'loader' must be %s%s",
                                    known, rows[i].said, known, rows[i].said);
        CHECK_TEXT(said, rows[i].said ? wanted : "");
        CHECK_ROW(rows[i].value, !group == !!rows[i].said && !profile == !!rows[i].said);
        CHECK_ROW(rows[i].value, !group || group->loader == rows[i].loader);
        CHECK_ROW(rows[i].value, !profile || profile->loader == rows[i].loader);
    }
}

static void a_group_says_what_its_machine_is_told_by_dhcp(void)
{
    static const char source[] = "profile: worker\nselector: {mac: 52-54-00-00-00-01}\n"
                                 "dhcp:\n  options: {ntp: 10.0.0.3, 209: node1.cfg, 3: 10.0.0.254}\n"
                                 "  address: 10.0.0.9\n  hostname: node1\n  lease: 20m\n  router: 10.0.0.1\n"
                                 "  dns: [10.0.0.1, 10.0.0.2]\n  domain: example.org\n";
    static const struct {
        uint8_t code;
        const char *value;
        size_t size;
    } rows[] = {
        {3, "\x0a\0\0\xfe", 4},  {6, "\x0a\0\0\1\x0a\0\0\2", 8}, {12, "node1", 5},
        {15, "example.org", 11}, {42, "\x0a\0\0\3", 4},          {209, "node1.cfg", 9},
    };
    struct faults faults = {0};
    AUTO(group_unref) struct group *group = group_of(source, DOCUMENT_YAML, &faults);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "groups/f:8:3: warning: 'router' has no effect: 'options' beside it says routers (3)");
    CHECK_NUMBER(group->dhcp.address.number, 0x0a000009);
    CHECK_NUMBER(group->dhcp.line, 5);
    CHECK_NUMBER(group->dhcp.terms.lease_seconds, 1200);
    CHECK_NUMBER(group->dhcp.terms.options.count, LENGTH(rows));
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct lease_option *option = lease_options_find(&group->dhcp.terms.options, rows[i].code);
        CHECK(option && bytes_equal(bytes_of(option->value, option->size), bytes_of(rows[i].value, rows[i].size)));
    }
}

static void numbers_in_dhcp_may_be_numbers_of_json(void)
{
    static const char source[] =
        "{\"profile\": \"worker\", \"dhcp\": {\"lease\": 1200, \"options\": {\"mtu\": 1400, \"224\": {\"type\": "
        "\"number8\", \"value\": 7}}}}";
    struct faults faults = {0};
    AUTO(group_unref) struct group *group = group_of(source, DOCUMENT_JSON, &faults);
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said, "");
    CHECK_NUMBER(group->dhcp.terms.lease_seconds, 1200);
    const struct lease_option *mtu = lease_options_find(&group->dhcp.terms.options, 26);
    const struct lease_option *private = lease_options_find(&group->dhcp.terms.options, 224);
    CHECK(mtu && bytes_equal(bytes_of(mtu->value, mtu->size), bytes_of("\x05\x78", 2)));
    CHECK(private && bytes_equal(bytes_of(private->value, private->size), bytes_of("\x07", 1)));
}

static void what_is_wrong_in_dhcp_is_said_at_its_place(void)
{
    static const struct {
        const char *source, *said;
    } rows[] = {
        {"selector: {mac: '52:54:00:00:00:01'}\ndhcp: {adress: 10.0.0.1}",
         "groups/f:3:8: error: unknown key 'dhcp.adress'; is 'dhcp.address' meant?"},
        {"dhcp: {address: 10.0.0.1}", "groups/f:2:17: error: 'dhcp.address' is for one machine, and this group is for "
                                      "any that fits: select on one 'mac' or 'uuid'"},
        {"selector: {mac: ['52:54:00:00:00:01']}\ndhcp: {address: 10.0.0.1}",
         "groups/f:3:17: error: 'dhcp.address' is for one machine, and this group is for any that fits: select on one "
         "'mac' or 'uuid'"},
        {"dhcp: {dns: [10.0.0.1, nonsense]}",
         "groups/f:2:24: error: 'dhcp.dns' must be an IPv4 address such as 10.77.0.1, not 'nonsense'"},
        {"dhcp: {dns: []}", "groups/f:2:13: error: 'dhcp.dns' must be 1 to 256 addresses"},
        {"dhcp: {options: {mtu: many}}", NULL},
        {"dhcp: {lease: 5}", "groups/f:2:15: error: 'dhcp.lease' must be at least 120 seconds, since some clients "
                             "cannot renew sooner"},
        {"dhcp: 10.0.0.1", "groups/f:2:7: error: 'dhcp' must be a map of address, options and others, this is a text"},
        {"dhcp:", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(free) char *source = memory_print("profile: worker\n%s\n", rows[i].source);
        AUTO(group_unref) struct group *group = group_of(source, DOCUMENT_YAML, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK_ROW(rows[i].source, (group != NULL) == (rows[i].said && !*rows[i].said));
        if (rows[i].said)
            CHECK_TEXT(said, rows[i].said);
    }
}

static void a_profile_gives_options_and_no_address(void)
{
    struct faults faults = {0};
    AUTO(profile_unref)
    struct profile *profile = profile_of("id: f\ndhcp: {domain: example.org, lease: 1h}\n", DOCUMENT_YAML, &faults);
    CHECK(profile && lease_options_find(&profile->dhcp.options, 15) && profile->dhcp.lease_seconds == 3600);
    CHECK(!profile_of("id: f\ndhcp: {address: 10.0.0.1, hostname: node1}\n", DOCUMENT_YAML, &faults));
    AUTO(free) char *said = faults_take(&faults);
    CHECK_TEXT(said,
               "profiles/f:2:8: error: 'dhcp.address' is for one machine: give it in a group, not in a profile\n"
               "profiles/f:2:27: error: 'dhcp.hostname' is for one machine: give it in a group, not in a profile");
}

/* Serial numbers and the like come with iPXE's request for its script. */
static void a_group_that_dhcp_never_chooses_is_warned_of(void)
{
    static const struct {
        const char *selector;
        bool is_warned;
    } rows[] = {
        {"{mac: '52:54:00:00:00:01', serial: '4711'}", true},
        {"{mac: '52:54:00:00:00:01', platform: efi, ip: {cidr: 10.0.0.0/8}}", false},
        {"{mac: '52:54:00:00:00:01', os: ''}", false},
        {"{mac: '52:54:00:00:00:01', os: {not: installed}}", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct faults faults = {0};
        AUTO(free)
        char *source = memory_print("profile: p\ndhcp: {address: 10.0.0.1}\nselector: %s\n", rows[i].selector);
        AUTO(group_unref) struct group *group = group_of(source, DOCUMENT_YAML, &faults);
        AUTO(free) char *said = faults_take(&faults);
        CHECK(group != NULL);
        CHECK_TEXT(said, rows[i].is_warned ? "groups/f:2:17: warning: 'dhcp' has no effect: the group selects on "
                                             "'serial', which machines do not say when they ask for an address"
                                           : "");
    }
}

int main(void)
{
    RUN(a_group_that_dhcp_never_chooses_is_warned_of);
    RUN(a_group_says_what_its_machine_is_told_by_dhcp);
    RUN(numbers_in_dhcp_may_be_numbers_of_json);
    RUN(what_is_wrong_in_dhcp_is_said_at_its_place);
    RUN(a_profile_gives_options_and_no_address);
    RUN(a_group_is_read_from_either_syntax);
    RUN(a_profile_names_more_files_and_bootcfgs_arguments);
    RUN(a_group_without_an_id_takes_its_files_name);
    RUN(a_profile_is_read_from_either_syntax);
    RUN(an_empty_boot_member_is_present_and_null_is_not);
    RUN(a_profile_boots_more_than_kernels);
    RUN(a_selector_takes_more_than_texts);
    RUN(what_is_wrong_with_a_group_is_said_where_it_stands);
    RUN(what_is_wrong_with_a_profile_is_said_where_it_stands);
    RUN(a_loader_is_one_of_those_there_are);
    return test_result();
}
