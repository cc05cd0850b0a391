// net-snmp's configuration header defines _GNU_SOURCE, which would change fd_set after Glibc has seen it: these come first.
#pragma once
#include <sys/types.h>
#include <sys/select.h>
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/keytools.h>
#include <net-snmp/library/scapi.h>
#include <net-snmp/library/snmpusm.h>
#include <net-snmp/library/transform_oids.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

// Swift does not see macros that contain a cast or another macro's expression.
static const int cnetsnmp_get = SNMP_MSG_GET;
static const int cnetsnmp_getnext = SNMP_MSG_GETNEXT;
static const int cnetsnmp_getbulk = SNMP_MSG_GETBULK;
static const int cnetsnmp_response = SNMP_MSG_RESPONSE;
static const int cnetsnmp_report = SNMP_MSG_REPORT;
static const unsigned char cnetsnmp_integer = ASN_INTEGER;
static const unsigned char cnetsnmp_octets = ASN_OCTET_STR;
static const unsigned char cnetsnmp_counter32 = ASN_COUNTER;
static const unsigned char cnetsnmp_gauge32 = ASN_GAUGE;
static const unsigned char cnetsnmp_timeticks = ASN_TIMETICKS;
static const unsigned char cnetsnmp_counter64 = ASN_COUNTER64;
static const unsigned char cnetsnmp_float = ASN_OPAQUE_FLOAT;
static const unsigned char cnetsnmp_double = ASN_OPAQUE_DOUBLE;
static const unsigned char cnetsnmp_no_such_object = SNMP_NOSUCHOBJECT;
static const unsigned char cnetsnmp_no_such_instance = SNMP_NOSUCHINSTANCE;
static const unsigned char cnetsnmp_end_of_view = SNMP_ENDOFMIBVIEW;

// Numbers by which libsnmp knows the protocols of RFC 3414, 3826, 7860 and what agents do beyond.
static const int cnetsnmp_md5 = NETSNMP_USMAUTH_HMACMD5;
static const int cnetsnmp_sha1 = NETSNMP_USMAUTH_HMACSHA1;
static const int cnetsnmp_sha224 = NETSNMP_USMAUTH_HMAC128SHA224;
static const int cnetsnmp_sha256 = NETSNMP_USMAUTH_HMAC192SHA256;
static const int cnetsnmp_sha384 = NETSNMP_USMAUTH_HMAC256SHA384;
static const int cnetsnmp_sha512 = NETSNMP_USMAUTH_HMAC384SHA512;
static const int cnetsnmp_des = USM_CREATE_USER_PRIV_DES;
static const int cnetsnmp_aes128 = USM_CREATE_USER_PRIV_AES;
static const int cnetsnmp_aes192 = USM_CREATE_USER_PRIV_AES192;
static const int cnetsnmp_aes256 = USM_CREATE_USER_PRIV_AES256;
static const int cnetsnmp_aes192_cisco = USM_CREATE_USER_PRIV_AES192_CISCO;
static const int cnetsnmp_aes256_cisco = USM_CREATE_USER_PRIV_AES256_CISCO;

// A context for HMAC with the digest that OpenSSL knows by this name, to be given a key for each message; NULL when it has none.
static inline EVP_MAC_CTX *cnetsnmp_new_signer(const char *digest) {
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
    // The context keeps what it needs.
    EVP_MAC_free(hmac);
    OSSL_PARAM settings[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0), OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_CTX_set_params(context, settings) == 1) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

// A context for the cipher that OpenSSL knows by this name, to be given key and vector for each message; NULL when it has none.
static inline EVP_CIPHER_CTX *cnetsnmp_new_cipher(const char *name) {
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int ready = cipher && context && EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, 1) == 1;
    EVP_CIPHER_free(cipher);
    if (ready) return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}
