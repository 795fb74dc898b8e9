using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>Leaves a mark in a guest's root and in its /home, so that a test can see from outside which file systems were changed.</summary>
internal sealed class WritingMorpher : IOsMorpher
{
    public const string Mark = "/etc/morphed";

    public string Name => "mark";

    public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
    {
        await guest.WriteAsync(Mark, "yes"u8.ToArray(), UnixFileMode.UserRead, cancellationToken);
        await guest.WriteAsync("/home/morphed", "yes"u8.ToArray(), UnixFileMode.UserRead, cancellationToken);
        return new(Name, [new(MorphChangeKind.FileWritten, Mark, "a test looks for it")], []);
    }
}
