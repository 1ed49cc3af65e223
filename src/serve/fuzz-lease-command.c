/* SPDX-License-Identifier: Apache-2.0 */
/* Any question to the server about its leases: what is decided can be stored, and is listed in lines that can be taken
 * apart again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "serve/lease-command.h"

static bool is_ours(struct ipv4 address)
{
    return address.number == 0x0a000002;
}

static struct lease_table *new_table(void)
{
    struct subnet *subnet = MEMORY_NEW(struct subnet);
    ipv4_subnet_from_text(&subnet->subnet, "10.0.0.0/24");
    subnet_add_pool(subnet, (struct address_range){{0x0a00000a}, {0x0a0000c8}});
    return lease_table_create(subnet, 1);
}

static void check_list(struct lease_table *table)
{
    AUTO(lease_command_finish) struct lease_command command = {0};
    assert(lease_command_decide(&command, table, bytes_of_text("list\n"), is_ours, 1, NULL) == 0);
    AUTO(free) char *text = memory_text(text_characters(&command.answer));
    char *rest = text;
    char *fields[LEASE_LINE_FIELDS];
    for (char *line; (line = strsep(&rest, "\n"));)
        assert(!*line || lease_line_split(fields, line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(lease_table_destroy) struct lease_table *table = new_table();
    AUTO(lease_command_finish) struct lease_command command = {0};
    struct diag why = {0};
    if (lease_command_decide(&command, table, bytes_of(data, size), is_ours, 1, &why) < 0) {
        assert(why.text[0] != '\0');
        return 0;
    }
    do {
        for (size_t i = 0; i < command.count; i++)
            assert(command.leases[i].state != LEASE_OFFERED);
        lease_command_apply(&command, table, 1, NULL);
    } while (lease_command_go_on(&command, table, 1));
    check_list(table);
    return 0;
}
