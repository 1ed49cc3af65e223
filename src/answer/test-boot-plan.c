/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/boot-plan.h"

#include "base/array.h"
#include "base/memory.h"
#include "test.h"

static const struct http_settings settings;

static struct profile *profile_new(const char *kernel)
{
    struct profile *profile = profile_create("worker");
    free(profile->boot.kernel);
    profile->boot.kernel = memory_text(kernel);
    profile->boot.present = true;
    return profile;
}

static void labels_new(struct labels *ret)
{
    labels_set(ret, "mac", "52:54:00:12:34:56");
    labels_set(ret, "arch", "x86_64");
}

static void what_ipxe_takes_becomes_what_every_loader_can(void)
{
    AUTO(profile_unref) struct profile *profile = profile_new("--name k /assets/${buildarch}/vmlinuz first=1");
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct decision decision = {group, profile};
    struct diag why = {0};
    labels_new(&labels);
    profile_add_initrd(profile, "--name main http://10.0.0.1/initrd.gz");
    profile_add_arg(profile, "mac=${net0/mac:hexhyp}");
    CHECK_NUMBER(
        boot_plan_render(&plan, &decision, &(struct boot_plan_request){.labels = &labels, .settings = &settings}, &why),
        0);
    boot_plan_add_initrd(&plan, "/overlay");
    CHECK_NUMBER(plan.kind, BOOT_PLAN_LINUX);
    CHECK_TEXT(plan.kernel, "--name k /assets/${buildarch}/vmlinuz first=1");
    boot_plan_plain(&plan, &labels);
    CHECK_TEXT(plan.kernel, "/assets/x86_64/vmlinuz");
    CHECK_NUMBER((long long)plan.initrd_count, 2);
    CHECK_TEXT(plan.initrd[0], "http://10.0.0.1/initrd.gz");
    CHECK_TEXT(plan.initrd[1], "/overlay");
    CHECK_NUMBER((long long)plan.args_count, 2);
    CHECK_TEXT(plan.args[0], "first=1");
    CHECK_TEXT(plan.args[1], "mac=52-54-00-12-34-56");
}

static void templates_are_rendered_without_a_request_of_http(void)
{
    AUTO(profile_unref) struct profile *profile = profile_new("/assets/{{ .request.query.arch }}/vmlinuz");
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct diag why = {0};
    labels_new(&labels);
    profile->boot.args_are_templates = true;
    profile_add_arg(profile, "q='{{ .request.raw_query }}'");
    struct boot_plan_request request = {.labels = &labels, .settings = &settings};
    CHECK_NUMBER(boot_plan_render(&plan, &(struct decision){group, profile}, &request, &why), 0);
    CHECK_TEXT(plan.kernel, "/assets/x86_64/vmlinuz");
    CHECK_TEXT(plan.args[0], "q=''");
}

static void a_line_that_cannot_be_rendered_is_named(void)
{
    AUTO(profile_unref) struct profile *profile = profile_new("/assets/vmlinuz");
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct diag why = {0};
    profile->boot.args_are_templates = true;
    profile->source = memory_text("profiles/worker.json");
    profile_add_arg(profile, "{{ .nothing }}");
    struct boot_plan_request request = {.labels = &labels, .settings = &settings};
    CHECK(boot_plan_render(&plan, &(struct decision){group, profile}, &request, &why) > 0);
    CHECK_ROW(why.text, text_starts_with(why.text, "profiles/worker.json, boot.args:1:"));
}

static void a_machine_without_a_loader_boots_its_disk(void)
{
    AUTO(profile_unref) struct profile *profile = profile_new("/assets/vmlinuz");
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    AUTO(boot_plan_finish) struct boot_plan plan = {0};
    struct diag why = {0};
    struct boot_plan_request request = {.labels = &labels, .settings = &settings};
    group->loader = LOADER_CHOICE_NONE;
    CHECK_NUMBER(boot_plan_render(&plan, &(struct decision){group, profile}, &request, &why), 0);
    CHECK_NUMBER(plan.kind, BOOT_PLAN_LOCAL);
    boot_plan_plain(&plan, &labels);
    CHECK(!plan.kernel && plan.initrd_count == 0);
}

static void set(char **ret, const char *text)
{
    free(*ret);
    *ret = memory_text(text);
}

static void a_machine_gets_what_its_firmware_can_run(void)
{
    static const struct {
        const char *kernel, *efi, *iso;
        bool memdisk;
        enum platform platform;
        const char *expected; /* "KIND WHAT", or the reason why nothing */
    } rows[] = {
        {"k", "", "", false, PLATFORM_UNKNOWN, "linux k"},
        {"", "", "", false, PLATFORM_UNKNOWN, "linux "},
        {"k", "e", "", false, PLATFORM_UNKNOWN, "linux k"},
        {"k", "e", "", false, PLATFORM_BIOS, "linux k"},
        {"k", "e", "", false, PLATFORM_EFI, "efi e"},
        {"", "e", "", false, PLATFORM_UNKNOWN, "efi e"},
        {"", "e", "", false, PLATFORM_EFI, "efi e"},
        {"", "e", "", false, PLATFORM_BIOS,
         "profile 'worker' has an EFI program ('boot.efi') and nothing for this machine, which has BIOS"},
        {"", "", "i", false, PLATFORM_EFI, "image i"},
        {"", "", "i", false, PLATFORM_BIOS, "image i"},
        {"", "", "i", true, PLATFORM_EFI, "image i"},
        {"", "", "i", true, PLATFORM_BIOS, "image in memory i"},
        {"", "", "i", true, PLATFORM_UNKNOWN, "image in memory i"},
        {"", "e", "i", false, PLATFORM_EFI, "efi e"},
        {"", "e", "i", false, PLATFORM_BIOS, "image i"},
        {"", "e", "i", false, PLATFORM_UNKNOWN, "image i"},
    };
    static const char *const kinds[] = {
        [BOOT_PLAN_LINUX] = "linux", [BOOT_PLAN_EFI] = "efi", [BOOT_PLAN_IMAGE] = "image"};
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(profile_unref) struct profile *profile = profile_new(rows[i].kernel);
        AUTO(boot_plan_finish) struct boot_plan plan = {0};
        AUTO(text_finish) struct text said = {0};
        struct boot_plan_request request = {.labels = &labels, .settings = &settings, .platform = rows[i].platform};
        struct diag why = {0};
        set(&profile->boot.efi, rows[i].efi);
        set(&profile->boot.iso, rows[i].iso);
        profile->boot.memdisk = rows[i].memdisk;
        if (boot_plan_render(&plan, &(struct decision){group, profile}, &request, &why) == 0)
            text_print(&said, "%s %s%s", kinds[plan.kind], plan.in_memory ? "in memory " : "", plan.kernel);
        else
            text_append(&said, why.text);
        CHECK_TEXT(text_characters(&said), rows[i].expected);
    }
}

static char *find_memdisk(void *context, const char *name)
{
    return *(bool *)context && text_is(name, "memdisk") ? memory_text("/usr/lib/syslinux/memdisk") : NULL;
}

static void what_cannot_boot_an_image_gets_memdisk(void)
{
    static const struct {
        const char *iso, *arg, *expected;
    } rows[] = {
        {"/assets/a.iso", NULL, "iso raw"},      {"http://h/A.ISO?x=y.img", NULL, "iso raw"},
        {"http://h/a.img?x=y.iso", NULL, "raw"}, {"iso", NULL, "raw"},
        {"/assets/a.iso", "iso", "iso"},
    };
    AUTO(group_unref) struct group *group = group_create("g", "worker");
    AUTO(labels_finish) struct labels labels = {0};
    bool there = true;
    struct http_settings with_memdisk = {.find_loader = find_memdisk, .loader_context = &there};
    struct boot_plan_request request = {.labels = &labels, .settings = &with_memdisk};
    struct diag why = {0};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        AUTO(profile_unref) struct profile *profile = profile_new("");
        AUTO(boot_plan_finish) struct boot_plan plan = {0};
        set(&profile->boot.iso, rows[i].iso);
        if (rows[i].arg)
            profile_add_arg(profile, rows[i].arg);
        CHECK_NUMBER(boot_plan_render(&plan, &(struct decision){group, profile}, &request, &why), 0);
        CHECK_NUMBER(boot_plan_use_memdisk(&plan, "GRUB", &request, &why), 0);
        CHECK(plan.kind == BOOT_PLAN_LINUX && plan.in_memory && plan.initrd_count == 1 && plan.args_count == 1);
        CHECK_TEXT(plan.kernel, "/loader/memdisk");
        CHECK_TEXT(plan.initrd[0], rows[i].iso);
        CHECK_TEXT(plan.args[0], rows[i].expected);
    }
    struct boot_plan plan = {.kind = BOOT_PLAN_IMAGE, .kernel = memory_text("/a.iso")};
    there = false;
    CHECK(boot_plan_use_memdisk(&plan, "GRUB", &request, &why) > 0);
    CHECK_TEXT(why.text, "boot program 'memdisk' is not on this host: install the package 'syslinux-common'");
    request.platform = PLATFORM_EFI;
    CHECK(boot_plan_use_memdisk(&plan, "GRUB", &request, &why) > 0);
    CHECK_TEXT(why.text, "GRUB cannot boot an image ('boot.iso') on UEFI: iPXE can, and HTTP Boot with loader 'uki'");
    boot_plan_finish(&plan);
}

static void our_own_urls_are_told_from_those_elsewhere(void)
{
    static const struct {
        const char *url, *path;
    } rows[] = {
        {"/assets/vmlinuz", "assets/vmlinuz"},
        {"assets/vmlinuz", "assets/vmlinuz"},
        {"/ignition?next=http://other/x", "ignition?next=http://other/x"},
        {"http://10.0.0.1:8080/assets/vmlinuz", "assets/vmlinuz"},
        {"http://10.0.0.1:8080", ""},
        {"http://10.0.0.1/assets/vmlinuz", NULL},
        {"http://10.0.0.1:80801/vmlinuz", NULL},
        {"http://other/vmlinuz", NULL},
        {"https://10.0.0.1:8080/vmlinuz", NULL},
        {"tftp://10.0.0.1/vmlinuz", NULL},
        {"(tftp)/vmlinuz", "(tftp)/vmlinuz"},
        {"", ""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK_TEXT(boot_plan_own_path(rows[i].url, "10.0.0.1:8080"), rows[i].path);
    CHECK(!boot_plan_own_path("http://10.0.0.1:8080/vmlinuz", NULL));
    CHECK_TEXT(boot_plan_own_path("http://Boot.Lan/vmlinuz", "boot.lan"), "vmlinuz");
}

int main(void)
{
    RUN(what_ipxe_takes_becomes_what_every_loader_can);
    RUN(templates_are_rendered_without_a_request_of_http);
    RUN(a_line_that_cannot_be_rendered_is_named);
    RUN(a_machine_without_a_loader_boots_its_disk);
    RUN(a_machine_gets_what_its_firmware_can_run);
    RUN(what_cannot_boot_an_image_gets_memdisk);
    RUN(our_own_urls_are_told_from_those_elsewhere);
    return test_result();
}
