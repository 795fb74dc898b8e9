#!/usr/bin/env bash
# Builds everything, checks the format, runs every test and the demo.
# Ends with the line "N passed, N failed" (", N skipped" follows when there are any) and fails when anything failed.
#
#   bash tests/run.sh            everything
#   CORIOLIS_NO_INSTALL=1 bash tests/run.sh    the same, without installing Debian packages
#   bash tests/run.sh FILTER     only the build and the tests that FILTER selects, as in "dotnet test --filter"
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

filter=${1:-}
results=$PWD/artifacts/test-results
passed=0 failed=0 skipped=0

finish() {
    local summary="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || summary+=", $skipped skipped"
    echo "$summary"
    [ "$failed" -eq 0 ]
    exit
}

# step NAME COMMAND...: runs one check, shows its output only when it fails, and counts it.
step() {
    local name=$1 log
    shift
    log=$results/$name.log
    echo "== $name"
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        return 0
    fi
    tail -n 60 "$log"
    echo "== $name FAILED"
    failed=$((failed + 1))
    return 1
}

boots() { [[ $filter == *Category=Boot* ]]; }

# Tests use the real tools where they can; without them they take another way or skip with a reason.
install_packages() {
    PATH=$PATH:/usr/sbin:/sbin
    local packages=()
    command -v mke2fs >/dev/null || packages+=(e2fsprogs)
    # Real workers: machines in namespaces that are reached over SSH.
    command -v sshd >/dev/null || packages+=(openssh-server)
    command -v ip >/dev/null || packages+=(iproute2)
    command -v sudo >/dev/null || packages+=(sudo)
    command -v curl >/dev/null || packages+=(curl)
    # The library that ends a process at a change of a file.
    command -v gcc >/dev/null || packages+=(gcc libc6-dev)
    # Guests to morph: whole disks with real distributions on them.
    command -v debootstrap >/dev/null || packages+=(debootstrap)
    command -v sfdisk >/dev/null || packages+=(fdisk)
    command -v mkfs.xfs >/dev/null || packages+=(xfsprogs)
    command -v mkfs.btrfs >/dev/null || packages+=(btrfs-progs)
    command -v mkfs.vfat >/dev/null || packages+=(dosfstools)
    command -v lvm >/dev/null || packages+=(lvm2)
    command -v setfattr >/dev/null || packages+=(attr)
    command -v mkntfs >/dev/null || packages+=(ntfs-3g)
    command -v rpmbuild >/dev/null || packages+=(rpm)
    # The machine in which a morphed guest boots: large, so only where it is asked for.
    ! boots || command -v qemu-system-x86_64 >/dev/null || packages+=(qemu-system-x86)
    [ ${#packages[@]} -gt 0 ] || return
    [ -z "${CORIOLIS_NO_INSTALL:-}" ] || { echo "not installed: ${packages[*]}"; return; }
    command -v apt-get >/dev/null || return
    local sudo=
    if [ "$(id -u)" -ne 0 ]; then
        sudo="sudo -n"
        $sudo true 2>/dev/null || return
    fi
    echo "== install ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}"; } >/dev/null 2>&1 \
        || echo "could not install ${packages[*]}; going on without it"
}

run_tests() {
    local name=$1
    timeout "$limit" dotnet test "artifacts/bin/$name/release/$name.dll" --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=normal" ${filter:+--filter "$filter"} >"$results/$name.log" 2>&1
    echo $? >"$results/$name.rc"
}

count_tests() {
    local name=$1 rc counters total executed ok
    rc=$(cat "$results/$name.rc" 2>/dev/null || echo 1)
    counters=$(grep -o '<Counters [^>]*' "$results/$name.trx" 2>/dev/null)
    if [ -n "$counters" ]; then
        total=$(grep -oP ' total="\K\d+' <<<"$counters")
        executed=$(grep -oP ' executed="\K\d+' <<<"$counters")
        ok=$(grep -oP ' passed="\K\d+' <<<"$counters")
    else
        total=0 executed=0 ok=0
    fi
    passed=$((passed + ok))
    failed=$((failed + executed - ok))
    skipped=$((skipped + total - executed))
    # A filter that selects nothing writes no result file, which is not a failure.
    if [ "$rc" -ne 0 ] && [ "$executed" -eq "$ok" ]; then
        failed=$((failed + 1))
    fi
    if [ "$rc" -ne 0 ]; then
        grep -v '^  Passed ' "$results/$name.log" | tail -n 80
    fi
    grep -A1 '^  Skipped ' "$results/$name.log"
    echo "== $name: $ok of $total passed"
}

# The tool as a program of the platform, which has its runtime in it.
publish_native() {
    local platform=linux-x64
    [ "$(uname -m)" = x86_64 ] || platform=linux-arm64
    timeout 900 dotnet publish src/Coriolis.Cli -c Release -r "$platform" --output artifacts/native
}

command -v dotnet >/dev/null || { echo "The .NET 10 SDK is needed: https://dot.net"; failed=1; finish; }
rm -rf "$results"
mkdir -p "$results"
[ -n "$filter" ] && ! boots || install_packages

step build dotnet build Coriolis.Providers.Aws.sln -c Release || finish
# The build has checked nullability (CS8618) with NUnit's rule for fields that a set-up method fills; the formatter does not know that rule.
[ -n "$filter" ] || step format dotnet format Coriolis.Providers.Aws.sln --verify-no-changes --no-restore --exclude-diagnostics CS8618

# Tests that start the tool take the native one, which needs a third of the processor time: they start it hundreds of times.
if [ -z "$filter" ] && [ "$(uname)" = Linux ] && command -v gcc >/dev/null; then
    step native publish_native && export CORIOLIS_AWS=$PWD/artifacts/native/coriolis-aws
fi

# What a filter asks for by name may be what takes hours.
limit=2700
[ -z "$filter" ] || limit=14400

# The two that take longest begin, so that nothing waits for them in the end.
projects="Coriolis.Cli.Tests Coriolis.Morphing.Tests"
for project in tests/*.Tests/*.csproj; do
    project=$(basename "$project" .csproj)
    [[ " $projects " == *" $project "* ]] || projects+=" $project"
done
echo "== tests"
# Two projects at a time: as many as the smallest machine that this is built on has cores.
export -f run_tests
export results filter limit
xargs -P 2 -n 1 bash -c 'run_tests "$0"' <<<"$projects"
for project in $projects; do
    count_tests "$project"
done

[ -n "$filter" ] || step demo timeout 300 dotnet artifacts/bin/Coriolis.Cli/release/coriolis-aws.dll demo
[ -n "$filter" ] || [ -z "${CORIOLIS_AWS:-}" ] || step native-demo timeout 300 "$CORIOLIS_AWS" demo
finish
