# shellcheck shell=bash
# What the project needs from Debian 12, as NAME:MINIMUM[:BELOW], the versions without epoch. LLVM
# 22 is in Debian's security suite (bookworm-security), which a fresh Debian reads already.

llvm=22.1:22.2~
packages=(
  "clang-22:$llvm" "lld-22:$llvm" "llvm-22:$llvm" "llvm-22-dev:$llvm" "libclang-rt-22-dev:$llvm"
  "clang-format-22:$llvm" "clang-tidy-22:$llvm"
  g++-12:12 cmake:3.25 ninja-build:1.11 ccache:4 pkg-config:0 git:0 python3:3.11
  antlr4:4.7.2 libantlr4-runtime-dev:4.9 libfmt-dev:9:10 libre2-dev:0 libtomlplusplus-dev:3.3
  libsimdjson-dev:3.0 libyaml-cpp-dev:0.7 libcli11-dev:2.1 libedit-dev:3.1 nlohmann-json3-dev:3.11 libgtest-dev:1.12
  libsodium-dev:1.0.18 libcpp-httplib-dev:0.11 curl:7.88 wrk:4.1 strace:6.1
  libnats-dev:3.4 nats-server:2.9
  libluajit-5.1-dev:2.1.0~ spin:6.5 relacy-dev:0 liburcu-dev:0.13
)

# Installs what is missing, and only then asks the network for anything. A few milliseconds when
# nothing is.
setup_packages() {
  command -v dpkg-query > /dev/null || could_not "setup needs Debian 12: there is no dpkg here"
  local missing
  missing=$(missing_packages)
  if [[ -n $missing ]]; then
    # shellcheck disable=SC2086  # a list of names
    install_packages $missing
    missing=$(missing_packages)
    [[ -z $missing ]] || could_not "setup: apt-get did not install ${missing//$'\n'/ }"
  fi
  refuse_wrong_versions
}

# Lines "NAME VERSION" of the wanted packages that are installed, the version without its epoch.
installed_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "${packages[@]%%:*}" 2> /dev/null |
    sed -n 's/^installed \([^ ]*\) \([0-9]*:\)\?/\1 /p'
}

missing_packages() {
  comm -23 <(printf '%s\n' "${packages[@]%%:*}" | sort) <(installed_packages | cut -d' ' -f1 | sort)
}

refuse_wrong_versions() {
  local name version package minimum below
  local -A installed=()
  while read -r name version; do installed[$name]=$version; done < <(installed_packages)
  for package in "${packages[@]}"; do
    IFS=: read -r name minimum below <<< "$package"
    version=${installed[$name]}
    if dpkg --compare-versions "$version" lt "$minimum" ||
      { [[ -n $below ]] && dpkg --compare-versions "$version" ge "$below"; }; then
      could_not "setup: $name is $version, not ${minimum} or later${below:+ and below ${below%\~}}"
    fi
  done
}

install_packages() {
  local as_root=() log
  if ((EUID != 0)); then
    command -v sudo > /dev/null || could_not "setup: run as root or install sudo; missing:" "$@"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  log=$(log_file setup)
  say "setup: installing $*"
  step "apt-get update" quietly "$log" "${as_root[@]}" apt-get update ||
    could_not "setup: apt-get update failed: $(tail -n 1 "$log")"
  local name
  for name in "$@"; do
    [[ $(apt-cache policy "$name") == *"Candidate: "[^\(]* ]] ||
      could_not "setup: no package source here has $name (Debian 12 with bookworm-security has)"
  done
  step "apt-get install" quietly "$log" \
    "${as_root[@]}" apt-get install -y --no-install-recommends "$@" ||
    could_not "setup: apt-get install failed: $(grep '^E:' "$log" | head -n 1) (whole log: $log)"
}
