#!/usr/bin/env bash
# Breaks each invariant and each promise of morphing, in a copy of the tree, and shows that the tests named for it turn red; unbroken they are green.
# The breaks are tests/Mutations/*.patch; each says its invariant, what it breaks, the test project and the tests.
#
#   bash tests/mutations.sh            all of them
#   bash tests/mutations.sh 03 06      those whose names begin so
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

tree=$PWD
copy=$(mktemp -d "${TMPDIR:-/tmp}/coriolis-mutations.XXXXXX")
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
cd "$copy" || exit 1

# Guests that tests have made are not changed by them, and take minutes to make.
mkdir -p "$tree/artifacts/guests" artifacts
ln -s "$tree/artifacts/guests" artifacts/guests

field() { sed -n "s/^$1: //p" "$2" | head -n 1; }

# "A B" becomes the filter that selects the tests whose full names contain A or B.
filter() { local words=$*; echo "FullyQualifiedName~${words// /|FullyQualifiedName~}"; }

build() { dotnet build "tests/$1" -c Release >build.log 2>&1; }

# Prints "green", "red (N failed)", "skipped" or why it is neither. A test that does not end has failed.
judge() {
    local project=$1 failed
    timeout 300 dotnet test "artifacts/bin/$project/release/$project.dll" --filter "$(filter "$2")" >test.log 2>&1
    case $? in
        0) if grep -q '^Passed!' test.log; then echo green; else echo skipped; fi ;;
        124) echo "red (does not end)" ;;
        *) failed=$(grep -oP '^Failed!.*Failed:\s+\K\d+' test.log); if [ -n "$failed" ]; then echo "red ($failed failed)"; else echo "not run: $(tail -n 1 test.log)"; fi ;;
    esac
}

patches=()
for patch in "$tree"/tests/Mutations/*.patch; do
    if [ $# -eq 0 ]; then patches+=("$patch"); fi
    for wanted in "$@"; do [[ $(basename "$patch") == "$wanted"* ]] && patches+=("$patch"); done
done

wrong=0
report() { printf '%-34s %-28s %-20s %s\n' "$@"; }
for patch in "${patches[@]}"; do
    name=$(basename "$patch" .patch) project=$(field Project "$patch") tests=$(field Tests "$patch")
    build "$project" || { report "$name" "$project" "does not build" ""; tail -n 5 build.log; exit 1; }
    unbroken=$(judge "$project" "$tests")
    git apply "$patch" || { report "$name" "$project" "does not apply" ""; wrong=1; continue; }
    if build "$project"; then broken=$(judge "$project" "$tests"); else broken="does not build: $(grep -m 1 'error' build.log)"; fi
    git apply -R "$patch"
    report "$name" "$project" "$unbroken" "$broken"
    [[ $unbroken == green && $broken == red* ]] || wrong=1
done
[ "$wrong" -eq 0 ] && echo "every break turned its tests red"
exit "$wrong"
