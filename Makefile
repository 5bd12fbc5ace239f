# What a newcomer types. Meson and Ninja do the work; tools/setup installs what is missing.
#
#   make                 build/samovar
#   make run             serve a folder: DIR=/srv/files LISTEN=8080
#   make demo            a made-up folder that shows each of 22 status codes, at http://127.0.0.1:8080/ (LISTEN=)
#   make test            everything: SAN=address|thread|undefined, STRICT=1 (a skip must be explained), ONLY=pattern
#   make fuzz            each fuzz target for TIME=60 seconds
#   make bench           ours and others, side by side     make soak     a mixed load for TIME=60 seconds, ROUNDS=100 crashes, a million entries, deltas, sequences over bindings
#   make vm              TLS where the kernel encrypts: in an emulated machine with Debian's kernel; some minutes
#   make install         into PREFIX=/usr/local, below DESTDIR=; make deb builds a Debian package in build-deb/
#   make report          obligations without a test, long functions, long files, copied passages
#   make format          clang-format over our sources      make clean    removes the build folders

DIR ?= .
LISTEN ?=
TIME ?= 60
ROUNDS ?= 100
SAN ?=
STRICT ?=
ONLY ?=
PREFIX ?= /usr/local
DESTDIR ?=
export STRICT

build:
	@tools/setup run
	@tools/build plain samovar

run: build
	@exec build/samovar serve "$(DIR)" $(addprefix --listen ,$(LISTEN))

demo: build
	@exec build/samovar demo $(addprefix --listen ,$(LISTEN))

test:
	@tools/setup test
	@exec tools/test $(if $(SAN),--san $(SAN)) $(if $(ONLY),--only '$(ONLY)')

fuzz:
	@tools/setup test
	@exec tools/fuzz $(TIME)

bench: build
	@exec bench/run

soak: build
	@tools/soak $(TIME)
	@SAMOVAR="$(CURDIR)/build/samovar" ROUNDS=$(ROUNDS) exec test/wire/run.py test/fault/test_crash.py
	@SAMOVAR="$(CURDIR)/build/samovar" ENTRIES=1000000 test/wire/run.py -k wide_and_deep test/fault/test_wide.py
	@tools/build plain test/unit/delta/test_vcdiff test/unit/delta/test_gdiff test/unit/delta/test_diffe
	@PAIRS=1000000 build/test/unit/delta/test_vcdiff random_pairs
	@PAIRS=1000000 build/test/unit/delta/test_gdiff random_pairs
	@PAIRS=1000000 build/test/unit/delta/test_diffe random_pairs
	@tools/build plain test/unit/http/test_http
	@PAIRS=1000000 build/test/unit/http/test_http rvsa__is_what_a_simple_evaluator_makes_of_it
	@SAMOVAR="$(CURDIR)/build/samovar" SEQUENCES=1000000 FILE_SECONDS=14400 test/wire/run.py test/wire/test_bind_model.py

vm: build
	@SAMOVAR="$(CURDIR)/build/samovar" exec test/vm/boot test/wire/run.py --jobs 1 test/vm/test_ktls.py \
		test/wire/test_tls_content.py test/wire/test_tls_handshake.py test/wire/test_tls_sites.py

install:
	@tools/setup run
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" tools/install

deb:
	@tools/setup deb
	@exec tools/deb

report:
	@exec tools/report

format:
	@find src test bench \( -name '*.c' -o -name '*.h' \) -exec clang-format -i {} +

clean:
	rm -rf build build-*

.PHONY: build run demo test fuzz bench soak vm install deb report format clean
