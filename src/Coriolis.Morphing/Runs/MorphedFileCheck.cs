using Coriolis.Morphing.Staging;

namespace Coriolis.Morphing.Runs;

/// <summary>Sees to it that an undo does not destroy what somebody else did after the morph.</summary>
internal static class MorphedFileCheck
{
    private const int MaxNamed = 5;

    public static async Task ThrowIfChangedSinceAsync(IGuestTree guest, MorphRecord record, CancellationToken cancellationToken)
    {
        // An interrupted run left the guest in between; its archive alone says how it was.
        if (record.State == MorphRecordState.Applying)
            return;

        var now = await guest.LookAsync([.. record.Files.Select(file => file.Path)], cancellationToken).ConfigureAwait(false);
        var others = record.Files.Where(file => MorphedFileState.From(now.GetValueOrDefault(file.Path)) != file.After).Select(file => file.Path).ToList();
        if (others.Count == 0)
            return;

        var named = string.Join(", ", others.Take(MaxNamed)) + (others.Count > MaxNamed ? ", …" : "");
        throw new GuestException($"{others.Count} files of the guest were changed after the morph: {named}.")
        {
            ErrorCode = "GuestChangedSinceMorph",
            Remedy = "Nothing was undone. Extract what you need from the undo archive with tar, or replicate the instance again.",
        };
    }
}
