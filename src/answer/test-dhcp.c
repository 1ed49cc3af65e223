/* SPDX-License-Identifier: Apache-2.0 */
/* Datagram in, datagram out: as server, as proxy and as boot server. */
#include "answer/test-dhcp.h"

static void an_operating_system_is_left_to_the_other_server(void)
{
    start(ANSWER_DHCP_PROXY);
    const enum dhcp_message_type types[] = {DHCP_DISCOVER, DHCP_REQUEST, DHCP_INFORM, DHCP_RELEASE, DHCP_DECLINE};
    for (size_t i = 0; i < LENGTH(types); i++) {
        ask(types[i]);
        send();
        CHECK_ROW(dhcp_message_type_to_text(types[i]), answer.way == ANSWER_DHCP_SILENT);
        CHECK_NUMBER(answer.weight, ANSWER_DETAIL);
    }
    stop();
}

static void a_bios_rom_is_told_by_proxy_to_boot_at_once(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_DISCOVER);
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_MACHINE_ID, bytes_of("\0abcdefghijklmnop", 17));
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_BROADCAST);
    CHECK_NUMBER(answer.to_port, 68);
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK_NUMBER(reply.yiaddr.number, 0);
    CHECK_NUMBER(reply.siaddr.number, OUR_ADDRESS);
    CHECK_TEXT(shown(reply.file), "undionly.kpxe");
    CHECK_TEXT(shown(reply.sname), "10.77.0.1");
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_VENDOR_CLASS), "PXEClient"));
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_VENDOR), bytes_of("\x06\x01\x08\xff", 4)));
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_MACHINE_ID), bytes_of("\0abcdefghijklmnop", 17)));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_LEASE_TIME));
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_SUBNET_MASK));
    stop();
}

static void uefi_firmware_is_sent_to_the_boot_server(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_DISCOVER);
    as_uefi();
    send();
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_VENDOR));
    CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_VENDOR_CLASS), "PXEClient"));
    ask(DHCP_REQUEST);
    as_uefi();
    asked.ciaddr = (struct ipv4){0x0a4d0040};
    request.port = DHCP_PORT_PXE;
    request.source = asked.ciaddr;
    request.source_port = 4011;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_UNICAST);
    CHECK_NUMBER(answer.to.number, 0x0a4d0040);
    CHECK_NUMBER(answer.to_port, 4011);
    CHECK_NUMBER(answer.from.number, OUR_ADDRESS);
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(reply.ciaddr.number, 0x0a4d0040);
    CHECK_TEXT(shown(reply.file), "ipxe.efi");
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_BOOT_FILE), bytes_of("ipxe.efi", 9)));
    stop();
}

static void a_boot_item_asked_for_is_acknowledged_by_name(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_REQUEST);
    as_bios();
    dhcp_builder_put(&asked, DHCP_OPTION_VENDOR, bytes_of("\x47\x04\x80\x00\x00\x00\xff", 7));
    request.port = DHCP_PORT_PXE;
    request.source = (struct ipv4){0x0a4d0040};
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_VENDOR), bytes_of("\x47\x04\x80\x00\x00\x00\xff", 7)));
    dhcp_builder_put(&asked, DHCP_OPTION_VENDOR, bytes_of("\x47\x04\x80\x00\x80\x00\xff", 7));
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    stop();
}

static void a_proxy_acknowledges_only_what_was_asked_of_it(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_REQUEST);
    as_bios();
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){0x0a4d00fe});
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    stop();
}

static void ipxe_is_given_the_script_and_not_itself_again(void)
{
    const enum answer_dhcp_mode modes[] = {ANSWER_DHCP_PROXY, ANSWER_DHCP_SERVER};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        start(modes[i]);
        ask(DHCP_DISCOVER);
        as_ipxe(IPXE_WITH_HTTP);
        send();
        CHECK_TEXT(shown(reply.file), "http://10.77.0.1:8080/boot.ipxe");
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_VENDOR));
        CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_IPXE) == (modes[i] == ANSWER_DHCP_SERVER));
        ask(DHCP_DISCOVER);
        as_ipxe(IPXE_WITHOUT_HTTP);
        send();
        CHECK_TEXT(shown(reply.file), "ipxe.pxe");
        stop();
    }
}

static void ipxe_can_be_asked_for_more_of_its_machine(void)
{
    start(ANSWER_DHCP_PROXY);
    settings.ask = "platform,manufacturer,product,asset,ip";
    ask(DHCP_DISCOVER);
    as_ipxe(IPXE_WITH_HTTP);
    send();
    CHECK_TEXT(shown(reply.file), "http://10.77.0.1:8080/boot.ipxe?ask=platform,manufacturer,product,asset,ip");
    stop();
}

static void http_boot_firmware_is_given_a_url(void)
{
    const enum answer_dhcp_mode modes[] = {ANSWER_DHCP_PROXY, ANSWER_DHCP_SERVER};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        start(modes[i]);
        ask(DHCP_DISCOVER);
        as_firmware("HTTPClient:Arch:00016:UNDI:003016", 16);
        send();
        CHECK_TEXT(shown(reply.file), "http://10.77.0.1:8080/loader/ipxe.efi");
        CHECK(bytes_equal_text(dhcp_option(&reply, DHCP_OPTION_VENDOR_CLASS), "HTTPClient"));
        CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_TFTP_SERVER));
        stop();
    }
}

static void what_cannot_be_booted_is_said_with_its_reason(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_DISCOVER);
    as_firmware("PXEClient:Arch:00007:UNDI:003016", 0x77);
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    CHECK(strstr(answer.text, "119") != NULL);
    ask(DHCP_DISCOVER);
    as_bios();
    missing_loader = "undionly.kpxe";
    send();
    CHECK_TEXT(shown(reply.file), "ipxe.pxe");
    ask(DHCP_DISCOVER);
    as_firmware("PXEClient:Arch:00011:UNDI:003016", 11);
    missing_loader = "grubaa64.efi";
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK(strstr(answer.text, "debian-installer-12-netboot-arm64") != NULL);
    stop();
}

static void a_raspberry_pi_finds_its_name_in_the_menu(void)
{
    start(ANSWER_DHCP_PROXY);
    ask(DHCP_DISCOVER);
    as_bios();
    asked.chaddr = (struct mac){6, {0xb8, 0x27, 0xeb, 1, 2, 3}};
    send();
    CHECK(strstr(shown(dhcp_option(&reply, DHCP_OPTION_VENDOR)), "Raspberry Pi Boot") != NULL);
    CHECK_NUMBER(reply.siaddr.number, OUR_ADDRESS);
    CHECK_NUMBER(reply.file.size, 0);
    stop();
}

static void a_machine_is_given_an_address_and_its_loader_together(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    as_uefi();
    send();
    CHECK_NUMBER(reply.message_type, DHCP_OFFER);
    CHECK(!answer.has_lease);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_VENDOR_CLASS));
    CHECK_TEXT(shown(reply.file), "ipxe.efi");
    struct ipv4 offered = reply.yiaddr;
    uint32_t seconds = 0;
    CHECK(dhcp_option_u32(&seconds, &reply, DHCP_OPTION_LEASE_TIME) && seconds == 3600);
    CHECK(dhcp_option_u32(&seconds, &reply, DHCP_OPTION_RENEWAL_TIME) && seconds == 1800);
    CHECK(dhcp_option_u32(&seconds, &reply, DHCP_OPTION_REBINDING_TIME) && seconds == 3150);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_SUBNET_MASK).number, 0xffffff00);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_ROUTER).number, OUR_ADDRESS);
    CHECK_NUMBER(dhcp_option_ipv4(&reply, DHCP_OPTION_BROADCAST).number, 0x0a4d00ff);

    ask(DHCP_REQUEST);
    as_uefi();
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, offered);
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(reply.yiaddr.number, offered.number);
    CHECK_TEXT(shown(reply.file), "ipxe.efi");
    CHECK(answer.has_lease && answer.lease.state == LEASE_BOUND);
    CHECK_NUMBER(answer.lease.address.number, offered.number);
    CHECK_NUMBER(answer.lease.expires, 1003600);
    struct machine machine;
    CHECK(fleet_find(&machine, settings.fleet, &CLIENT_MAC) && machine.platform == PLATFORM_EFI);
    CHECK_TEXT(machine.arch, "x86_64");
    CHECK_NUMBER(machine.address.number, offered.number);
    stop();
}

static void a_lease_that_another_server_gave_is_no_business_of_ours(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){0x0a4d00fe});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0040});
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK(!answer.has_lease);
    stop();
}

static void an_unknown_client_that_reboots_is_refused_only_off_its_network(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0040});
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0xc0a80140});
    asked.flags = 0;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_NAK);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_BROADCAST);
    CHECK_NUMBER(reply.yiaddr.number, 0);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_LEASE_TIME));
    stop();
}

static void a_reply_goes_where_rfc_2131_sends_it(void)
{
    const struct {
        const char *row;
        uint32_t giaddr;
        uint16_t flags;
        enum answer_dhcp_way way;
        uint32_t to;
        uint16_t port;
    } rows[] = {
        {"broadcast flag", 0, DHCP_FLAG_BROADCAST, ANSWER_DHCP_BROADCAST, 0xffffffff, 68},
        {"no address yet", 0, 0, ANSWER_DHCP_HARDWARE, 0x0a4d0032, 68},
        {"relay", 0x0a4d00fe, 0, ANSWER_DHCP_UNICAST, 0x0a4d00fe, 67},
        {"relay and flag", 0x0a4d00fe, DHCP_FLAG_BROADCAST, ANSWER_DHCP_UNICAST, 0x0a4d00fe, 67},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        start(ANSWER_DHCP_SERVER);
        ask(DHCP_DISCOVER);
        asked.giaddr.number = rows[i].giaddr;
        asked.flags = rows[i].flags;
        send();
        CHECK_ROW(rows[i].row, answer.way == rows[i].way && answer.to_port == rows[i].port);
        CHECK_ROW(rows[i].row, rows[i].way == ANSWER_DHCP_HARDWARE ? ipv4_equal(answer.to, reply.yiaddr)
                                                                   : answer.to.number == rows[i].to);
        CHECK_ROW(rows[i].row, reply.giaddr.number == rows[i].giaddr && reply.flags == rows[i].flags);
        stop();
    }
}

static void a_renewal_is_answered_at_the_clients_address(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_REQUEST);
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_REQUESTED_ADDRESS, (struct ipv4){0x0a4d0040});
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    ask(DHCP_REQUEST);
    asked.flags = 0;
    asked.ciaddr.number = 0x0a4d0040;
    request.source = asked.ciaddr;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_UNICAST);
    CHECK_NUMBER(answer.to.number, 0x0a4d0040);
    ask(DHCP_RELEASE);
    asked.ciaddr.number = 0x0a4d0040;
    dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK(answer.has_lease && answer.lease.state == LEASE_FREE);
    stop();
}

static void who_informs_gets_parameters_and_no_lease(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_INFORM);
    asked.ciaddr.number = 0x0a4d0005;
    send();
    CHECK_NUMBER(reply.message_type, DHCP_ACK);
    CHECK_NUMBER(answer.to.number, 0x0a4d0005);
    CHECK_NUMBER(reply.yiaddr.number, 0);
    CHECK(!dhcp_option_is_present(&reply, DHCP_OPTION_LEASE_TIME));
    CHECK(dhcp_option_is_present(&reply, DHCP_OPTION_ROUTER));
    CHECK(!answer.has_lease);
    stop();
}

static void what_a_relay_says_comes_back_to_it(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    asked.giaddr.number = 0x0a4d00fe;
    dhcp_builder_put(&asked, DHCP_OPTION_RELAY,
                     bytes_of("\x01\x03"
                              "ge1",
                              5));
    send();
    CHECK(bytes_equal(dhcp_option(&reply, DHCP_OPTION_RELAY), bytes_of("\x01\x03"
                                                                       "ge1",
                                                                       5)));
    asked.giaddr.number = 0xc0a801fe;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    asked.giaddr.number = OUR_ADDRESS;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    asked.giaddr.number = 0x0a4d00fe;
    asked.hops = 16;
    send();
    CHECK(answer.way != ANSWER_DHCP_SILENT);
    asked.hops = 17;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    stop();
}

static void garbage_is_ignored_with_its_reason(void)
{
    start(ANSWER_DHCP_SERVER);
    ask(DHCP_DISCOVER);
    request.datagram = bytes_of_text("GET / HTTP/1.1\r\n\r\n");
    answer_dhcp(&answer, &settings, &request);
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    CHECK_NUMBER(answer.weight, ANSWER_TROUBLE);
    CHECK(strstr(answer.text, "18 octets") != NULL);
    ask(DHCP_DISCOVER);
    request.cut = true;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    asked.operation = DHCP_BOOTREPLY;
    request.cut = false;
    send();
    CHECK_NUMBER(answer.way, ANSWER_DHCP_SILENT);
    stop();
}

/* A server beside us on this host has our address, so that a request for its offer names us. */
static void a_request_that_names_our_address_is_for_the_server_beside_us_on_this_host(void)
{
    for (int is_shared = 0; is_shared < 2; is_shared++) {
        start(ANSWER_DHCP_PROXY);
        ask(DHCP_REQUEST);
        as_bios();
        dhcp_builder_put_ipv4(&asked, DHCP_OPTION_SERVER_ID, (struct ipv4){OUR_ADDRESS});
        request.is_shared = is_shared;
        send();
        CHECK((answer.way == ANSWER_DHCP_SILENT) == is_shared);
        stop();
    }
}

static void the_log_names_the_options_that_did_not_fit(void)
{
    struct subnet *subnets = new_subnets();
    uint8_t octets[250] = {0};
    lease_options_put(&subnets[0].options, 224, bytes_of(octets, sizeof octets), true);
    lease_options_put(&subnets[0].options, 225, bytes_of(octets, sizeof octets), true);
    start_with(ANSWER_DHCP_SERVER, subnets, 1);
    ask(DHCP_DISCOVER);
    send();
    CHECK(strstr(answer.text, "; it takes 548 octets, so these options are left out: ") &&
          strstr(answer.text, "(225)"));
    dhcp_builder_put_u16(&asked, DHCP_OPTION_MAX_SIZE, 1500);
    send();
    CHECK(!strstr(answer.text, "left out"));
    stop();
}

/* Vendor classes of ROMs that somebody has and we do not know. */
static void firmware_of_another_vendor_class_is_answered_where_it_is_configured(void)
{
    static char other[] = "Other", wanted[] = "HW-Client";
    static char *classes[] = {other, wanted};
    for (size_t known = 0; known < 3; known++) {
        start(ANSWER_DHCP_PROXY);
        settings.classes = classes;
        settings.class_count = known;
        ask(DHCP_DISCOVER);
        dhcp_builder_put_text(&asked, DHCP_OPTION_VENDOR_CLASS, "HW-Client:1.0");
        send();
        CHECK((answer.way == ANSWER_DHCP_SILENT) == (known < 2));
        CHECK(known < 2 || bytes_equal_text(dhcp_option_text(&reply, DHCP_OPTION_VENDOR_CLASS), "HW-Client"));
        CHECK(known < 2 || text_starts_with((const char *)reply.file.data, "undionly.kpxe"));
        stop();
    }
}

int main(void)
{
    RUN(the_log_names_the_options_that_did_not_fit);
    RUN(firmware_of_another_vendor_class_is_answered_where_it_is_configured);
    RUN(a_request_that_names_our_address_is_for_the_server_beside_us_on_this_host);
    RUN(an_operating_system_is_left_to_the_other_server);
    RUN(a_bios_rom_is_told_by_proxy_to_boot_at_once);
    RUN(uefi_firmware_is_sent_to_the_boot_server);
    RUN(a_boot_item_asked_for_is_acknowledged_by_name);
    RUN(a_proxy_acknowledges_only_what_was_asked_of_it);
    RUN(ipxe_is_given_the_script_and_not_itself_again);
    RUN(ipxe_can_be_asked_for_more_of_its_machine);
    RUN(http_boot_firmware_is_given_a_url);
    RUN(what_cannot_be_booted_is_said_with_its_reason);
    RUN(a_raspberry_pi_finds_its_name_in_the_menu);
    RUN(a_machine_is_given_an_address_and_its_loader_together);
    RUN(a_lease_that_another_server_gave_is_no_business_of_ours);
    RUN(an_unknown_client_that_reboots_is_refused_only_off_its_network);
    RUN(a_reply_goes_where_rfc_2131_sends_it);
    RUN(a_renewal_is_answered_at_the_clients_address);
    RUN(who_informs_gets_parameters_and_no_lease);
    RUN(what_a_relay_says_comes_back_to_it);
    RUN(garbage_is_ignored_with_its_reason);
    return test_result();
}
