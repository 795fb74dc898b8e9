namespace Coriolis.Morphing.Ssh;

/// <summary>What is done to a guest's files on another machine, as scripts for its POSIX shell.</summary>
/// <remarks>
/// A guest that is not running changes none of its links while a script walks through them. So a script may look at a
/// component and then enter it; what it then changes is always a single name in the directory that it stands in.
/// </remarks>
internal static class GuestScripts
{
    /// <summary>Every script is given the guest's directory first.</summary>
    /// <remarks>
    /// <c>walk PATH FOLLOW</c> enters the directory that PATH is in and leaves its last component in <c>$name</c>. It resolves
    /// links as if the guest's directory were "/": their targets never lead outside. FOLLOW says whether a link in the last
    /// component is followed as well.
    /// </remarks>
    private const string Prologue = """
        set -u
        root=$1; shift
        fail() { printf '%s\n' "$1" >&2; exit 3; }
        walk() {
            cd -P "$root" || fail "the guest's directory $root cannot be entered"
            rest=$1 name=. links=0
            while :; do
                while case $rest in /*) ;; *) false ;; esac; do rest=${rest#/}; done
                [ -n "$rest" ] || return 0
                name=${rest%%/*}
                rest=${rest#"$name"}
                case $rest in *[!/]*) last=no ;; *) last=yes ;; esac
                if [ "$name" = . ]; then
                    continue
                elif [ "$name" = .. ]; then
                    name=.
                    [ . -ef "$root" ] || cd -P .. || return 1
                elif [ -L "./$name" ] && { [ $last = no ] || [ "$2" = follow ]; }; then
                    links=$((links + 1))
                    [ $links -le 40 ] || return 1
                    target=$(readlink -n "./$name"; echo /)
                    case $target in /*) cd -P "$root" || return 1 ;; esac
                    rest=$target$rest name=.
                elif [ $last = no ]; then
                    [ -d "./$name" ] && cd -P "./$name" || return 1
                    name=.
                fi
            done
        }
        enter() { walk "$1" follow && [ -d "./$name" ] && cd -P "./$name"; }
        regular() { [ -f "./$1" ] && [ ! -L "./$1" ]; }
        there() { [ -e "./$1" ] || [ -L "./$1" ]; }
        label() { chcon -h --reference=. "./$1" 2>/dev/null || :; }
        show() { find "$@" -printf '%f\0%y\0%m\0%s\0%l\0'; }

        """;

    /// <summary>Path. Prints an entry as name, type, mode, size and link target, each ended by a NUL.</summary>
    public const string Look = Prologue + """
        walk "$1" stay && there "$name" || exit 0
        show "./$name" -maxdepth 0
        """;

    /// <summary>Path. Prints the entries of a directory.</summary>
    public const string List = Prologue + """
        enter "$1" || exit 0
        show . -mindepth 1 -maxdepth 1
        """;

    /// <summary>Path, and the largest size that is read.</summary>
    public const string Read = Prologue + """
        walk "$1" follow && there "$name" || fail 'there is no such file'
        regular "$name" || fail 'it is not a regular file'
        size=$(stat -c %s "./$name") || exit 3
        [ "$size" -le "$2" ] || fail "it has $size bytes, more than the $2 that are read at most"
        cat "./$name"
        """;

    /// <summary>Path, mode of a new file, name of a temporary file, and the length of the content, on standard input.</summary>
    public const string Write = Prologue + """
        walk "$1" follow || fail 'there is no directory for it'
        [ "$name" != . ] && { ! there "$name" || regular "$name"; } || fail 'it is not a regular file'
        trap 'rm -f "./$3"' EXIT; trap 'exit 3' HUP TERM
        set -C; umask 077
        cat > "./$3" || exit 3
        [ "$(stat -c %s "./$3")" -eq "$4" ] || fail 'not all of its content has arrived'
        if there "$name"; then
            cp --attributes-only --preserve=all --no-preserve=timestamps,links "./$name" "./$3" || exit 3
        else
            chmod "$2" "./$3" || exit 3
            label "$3"
        fi
        sync "./$3" && mv -fT "./$3" "./$name" || exit 3
        """;

    /// <summary>Mode, and the components of the path.</summary>
    public const string CreateDirectory = Prologue + """
        mode=$1 done=; shift
        for part in "$@"; do
            above=$done done=$done/$part
            enter "$done" && continue
            enter "$above" || fail "there is no directory $above"
            mkdir -m "$mode" "./$part" || exit 3
            label "$part"
        done
        """;

    /// <summary>Path, target, and the name of a temporary link.</summary>
    public const string CreateLink = Prologue + """
        walk "$1" stay || fail 'there is no directory for it'
        [ -L "./$name" ] || [ ! -d "./$name" ] || fail 'it is a directory'
        ln -s -- "$2" "./$3" || exit 3
        label "$3"
        mv -fT "./$3" "./$name" || { rm -f "./$3"; exit 3; }
        """;

    /// <summary>Path.</summary>
    public const string Delete = Prologue + """
        walk "$1" stay || exit 0
        rm -rf "./$name"
        """;
}
