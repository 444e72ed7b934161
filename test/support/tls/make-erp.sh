#!/bin/sh
# Makes the certificates of the fault ERP anew. They are for tests on this machine only, which is why their key is here.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export OPENSSL_CONF="$work/openssl.cnf"
cat >"$OPENSSL_CONF" <<CONF
[req]
distinguished_name = subject
[subject]
[ca]
default_ca = tests
[tests]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
[localhost]
subjectAltName = DNS:localhost, IP:127.0.0.1
[other-host]
subjectAltName = DNS:erp.example
CONF
: >"$work/index"

openssl ecparam -name prime256v1 -genkey -noout -out erp.key
openssl ecparam -name prime256v1 -genkey -noout -out "$work/ca.key"
openssl req -new -key "$work/ca.key" -subj "/CN=Tests' authority for ERPs" -out "$work/ca.csr"
openssl req -new -key erp.key -subj "/CN=ERP of the tests" -out "$work/erp.csr"

# issue <file> <section of extensions> <last day> <who signs> <whose request>
issue() {
  openssl ca -batch -notext -in "$work/$5.csr" -out "$1" -extensions "$2" -startdate 20200101000000Z -enddate "$3" $4
}
issue erp-authority.crt authority 21200101000000Z "-selfsign -keyfile $work/ca.key" ca
by_authority="-cert erp-authority.crt -keyfile $work/ca.key"
issue erp-good.crt localhost 21200101000000Z "$by_authority" erp
issue erp-expired.crt localhost 20200201000000Z "$by_authority" erp
issue erp-other-host.crt other-host 21200101000000Z "$by_authority" erp
issue erp-self-signed.crt localhost 21200101000000Z "-selfsign -keyfile erp.key" erp
