using System.Security.Cryptography;
using System.Text;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.KeyPairs;

internal sealed class KeyPairTests
{
    // The blob is a type, a length and 32 zero bytes: not a usable key, but of the right form.
    private const string Ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA test";

    [Test]
    public async Task ImportKeyPair_Ed25519_IsDescribedByNameAndOnlyOnce()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var request = new ImportKeyPairRequest { KeyName = "worker", PublicKeyMaterial = Convert.ToBase64String(Encoding.UTF8.GetBytes(Ed25519)) };

        await emulator.Ec2.ImportKeyPairAsync(request);
        var duplicate = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ImportKeyPairAsync(request));

        var pair = (await emulator.Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest { KeyNames = ["worker"], IncludePublicKey = true })).KeyPairs.Single();
        Assert.Multiple(() =>
        {
            Assert.That(duplicate, Is.EqualTo("InvalidKeyPair.Duplicate"));
            Assert.That(pair.KeyType.Value, Is.EqualTo("ed25519"));
            Assert.That(pair.PublicKey, Is.EqualTo(Ed25519));
        });
    }

    [TestCase("not a key")]
    [TestCase("ssh-dss AAAA")]
    [TestCase("ssh-ed25519 AAAA")]
    [TestCase("ssh-rsa ////")]
    public async Task ImportKeyPair_OfAnotherForm_IsRefused(string key)
    {
        await using var emulator = await TestEmulator.StartAsync();

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ImportKeyPairAsync(
            new ImportKeyPairRequest { KeyName = "worker", PublicKeyMaterial = Convert.ToBase64String(Encoding.UTF8.GetBytes(key)) }));

        Assert.That(code, Is.EqualTo("InvalidKey.Format"));
    }

    [Test]
    public async Task CreateKeyPair_GivesAPrivateKeyThatCanBeRead()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var created = await emulator.Ec2.CreateKeyPairAsync(new CreateKeyPairRequest { KeyName = "worker" });

        using var rsa = RSA.Create();
        rsa.ImportFromPem(created.KeyPair.KeyMaterial);
        Assert.That(rsa.KeySize, Is.EqualTo(2048));
    }
}
