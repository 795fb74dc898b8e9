namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Fixed numbers of the EBS direct APIs (service model 2019-11-02).</summary>
internal static class EbsLimits
{
    /// <summary>The only block size that exists.</summary>
    public const int BlockSize = 512 * 1024;

    /// <summary>The most entries that a list call returns.</summary>
    public const int MaxPageSize = 10_000;

    /// <summary>Volumes are sized in whole GiB, at most this many; a larger <c>VolumeSize</c> can only be bytes.</summary>
    public const int MaxVolumeSizeGiB = 65_536;

    public const long BytesPerGiB = 1L << 30;

    /// <summary>The checksum of <see cref="BlockSize"/> zeros, so that zeros are verified without hashing them.</summary>
    public const string ZeroBlockChecksum = "B4VNL+8pega6gWheZgwzLeNtXRjVRpJ9MNqtbX/aFUE=";

    public const string ChecksumAlgorithm = "SHA256";
}
