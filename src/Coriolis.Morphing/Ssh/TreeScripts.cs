namespace Coriolis.Morphing.Ssh;

/// <summary>Looking at many entries of a guest's file systems on another machine, and changing them, as scripts for its POSIX shell.</summary>
/// <remarks>Paths are relative to the guest's directory, end with a NUL on standard input, and never lead through a link.</remarks>
internal static class TreeScripts
{
    /// <summary><c>plain PATH</c>: whether all that the path leads through are directories.</summary>
    private const string Plain = """
        plain() {
            rest=$1 way=.
            while case $rest in */*) ;; *) false ;; esac; do
                way=$way/${rest%%/*} rest=${rest#*/}
                [ -d "$way" ] && [ ! -L "$way" ] || return 1
            done
        }
        """;

    private const string LookAtSome = Plain + """

        for path; do
            shift
            if plain "$path" && { [ -e "./$path" ] || [ -L "./$path" ]; }; then set -- "$@" "./$path"; fi
        done
        [ $# -gt 0 ] || exit 0
        stat --printf='S\0%n\0%f\0%u\0%g\0%.9Y\0%s\0%t\0%T\0' -- "$@" &&
        find "$@" -maxdepth 0 -type l -printf 'L\0%p\0%l\0' &&
        find "$@" -maxdepth 0 -type f -exec sha256sum --zero -- {} + &&
        printf 'A\0' && getfattr -h -d -m - -e base64 -- "$@" && printf '\0'
        """;

    private const string ListSome = Plain + """

        for path; do
            ! plain "$path" || [ ! -d "./$path" ] || [ -L "./$path" ] || find "./$path" -xdev -mindepth 1 -printf '%p\0' || exit
        done
        """;

    /// <summary>Directory. Prints what the entries on standard input are, as fields that end with a NUL.</summary>
    public static readonly string Look = ForSome(LookAtSome);

    /// <summary>Directory. Prints all that is below the directories on standard input.</summary>
    public static readonly string List = ForSome(ListSome);

    /// <summary>Directory. Prints the bytes of the files on standard input, one after the other.</summary>
    public static readonly string Read = ForSome(Plain + "\n" + """
        for path; do plain "$path" && [ -f "./$path" ] && [ ! -L "./$path" ] && cat "./$path" || exit; done
        """);

    /// <summary>The directory in which an overlay keeps changes. Prints them, an empty name, and which directories hide those below them.</summary>
    public const string Changes = """
        cd -P "$1" || exit
        find . -mindepth 1 -printf '%P\0' && printf '\0' &&
        find . -mindepth 1 -type d -exec getfattr -h -d -m '^trusted[.]overlay[.]opaque$' -e base64 -- {} +
        """;

    /// <summary>File. Fills it from standard input, whose length is the second argument.</summary>
    public const string Store = """
        cat > "$1" && [ "$(stat -c %s "$1")" -eq "$2" ]
        """;

    /// <summary>What a plan begins with: functions for its lines. It is given the guest's directory and that of the stage, when files come from there.</summary>
    /// <remarks>An entry has another name until it is whole, and is flushed with its file system at the end of the plan.</remarks>
    public const string Plan = """
        set -u; umask 077
        root=$1 stage=$2
        fail() { printf '%s\n' "$1" >&2; exit 3; }

        """ + Plain + """

        at() {
            path=$1 folder=.
            case $path in */*) folder=./${path%/*} ;; esac
            plain "$path" || fail "there is no directory for $path"
            new=$folder/.coriolis-morph.new
            clear
        }
        clear() {
            if [ -e "$new" ] || [ -L "$new" ]; then rm -f "$new" || exit 3; fi
        }
        gone() {
            for path; do
                shift
                plain "$path" || continue
                set -- "$@" "./$path"
                new=./.coriolis-morph.new
                case $path in */*) new=./${path%/*}/.coriolis-morph.new ;; esac
                clear
            done
            [ $# -eq 0 ] || rm -fd -- "$@" || exit 3
        }
        attributes() {
            entry=$1; shift
            found=$(getfattr -h -m - -- "$entry")
            if [ -n "$found" ]; then
                wanted=" "
                for word; do wanted="$wanted$word "; done
                for name in $(printf '%s\n' "$found" | sed '/^#/d'); do
                    case $wanted in *" $name "*) ;; *) setfattr -h -x "$name" -- "$entry" || exit 3 ;; esac
                done
            fi
            while [ $# -gt 0 ]; do setfattr -h -n "$1" -v "0s$2" -- "$entry" || exit 3; shift 2; done
        }
        dress() {
            entry=$1 mode=$2 owner=$3 time=$4; shift 4
            chown -h "$owner" "$entry" && attributes "$entry" "$@" || exit 3
            [ "$mode" = - ] || chmod "$mode" "$entry" || exit 3
            touch -h -m -d "@$time" "$entry" || exit 3
        }
        place() {
            if [ -d "./$path" ] && [ ! -L "./$path" ]; then rm -rf "./$path"; fi
            mv -fT "$new" "./$path" || exit 3
        }
        file() {
            at "$1"; size=$2; shift 2
            if [ -n "$stage" ]; then
                cat "$stage/$path" > "$new" || exit 3
            else
                head -c "$size" > "$new" || exit 3
                [ "$(stat -c %s "$new")" -eq "$size" ] || fail "not all of $path has arrived"
            fi
            dress "$new" "$@"; place
        }
        link() {
            at "$1"; ln -s -- "$2" "$new" || exit 3; shift 2
            dress "$new" "$@"; place
        }
        node() {
            at "$1"; mknod "$new" $2 || exit 3; shift 2
            dress "$new" "$@"; place
        }
        directory() {
            at "$1"; shift
            if [ -L "./$path" ] || { [ -e "./$path" ] && [ ! -d "./$path" ]; }; then rm -f "./$path" || exit 3; fi
            [ -d "./$path" ] || mkdir -m 700 "./$path" || exit 3
            dress "./$path" "$@"
        }
        cd -P "$root" || fail "the guest's directory $root cannot be entered"

        """;

    private static string ForSome(string script) =>
        $"""
        cd -P "$1" || exit
        exec xargs -0 -r /bin/sh -c {ShellWord.Quote(script)} sh
        """;
}
