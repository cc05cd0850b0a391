// net-snmp's configuration header defines _GNU_SOURCE, which would change fd_set after Glibc has seen it: these come first.
#pragma once
#include <sys/types.h>
#include <sys/select.h>
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

// Swift does not see macros that contain a cast or another macro's expression.
static const int cnetsnmp_get = SNMP_MSG_GET;
static const int cnetsnmp_getbulk = SNMP_MSG_GETBULK;
static const int cnetsnmp_response = SNMP_MSG_RESPONSE;
static const unsigned char cnetsnmp_integer = ASN_INTEGER;
static const unsigned char cnetsnmp_octets = ASN_OCTET_STR;
static const unsigned char cnetsnmp_counter32 = ASN_COUNTER;
static const unsigned char cnetsnmp_gauge32 = ASN_GAUGE;
static const unsigned char cnetsnmp_timeticks = ASN_TIMETICKS;
static const unsigned char cnetsnmp_counter64 = ASN_COUNTER64;
static const unsigned char cnetsnmp_no_such_object = SNMP_NOSUCHOBJECT;
static const unsigned char cnetsnmp_no_such_instance = SNMP_NOSUCHINSTANCE;
static const unsigned char cnetsnmp_end_of_view = SNMP_ENDOFMIBVIEW;
