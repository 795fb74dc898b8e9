using Coriolis.Providers.Aws.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws.Tests.Configuration;

/// <summary>Which account and region calls really go to, and what a wrong connection says.</summary>
public sealed class ConnectionTests
{
    private TestAccount _account = null!;

    [SetUp]
    public async Task StartAsync() => _account = await TestAccount.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task GetInstanceAsync_TwoKeyedRegions_EachSeesItsOwn()
    {
        var id = await _account.LaunchAsync("web");
        using var services = Register("ireland", _account.Connection, "ohio", _account.Connection with { Region = "us-east-2" });

        var found = await services.GetRequiredKeyedService<IReplicaSourceProvider>("ireland").GetInstanceAsync(id);
        var error = Assert.ThrowsAsync<InstanceNotFoundException>(
            () => services.GetRequiredKeyedService<IReplicaSourceProvider>("ohio").GetInstanceAsync(id));

        Assert.That(found.Id, Is.EqualTo(id));
        Assert.That(error!.Message, Does.Contain("us-east-2"));
    }

    [Test]
    public void ValidateConnectionAsync_WrongSecret_IsAccessDeniedWithoutShowingIt()
    {
        using var services = Register("wrong", _account.Connection with { SecretAccessKey = "hunter2" });

        var error = Assert.ThrowsAsync<SourceAccessDeniedException>(
            () => services.GetRequiredKeyedService<IReplicaSourceProvider>("wrong").ValidateConnectionAsync());

        Assert.That(error!.Message, Does.Contain("secret access key").And.Not.Contain("hunter2"));
    }

    [Test]
    public void GetInstanceAsync_NobodyListens_SaysThatTheEndpointCannotBeReached()
    {
        using var services = Register("nowhere", _account.Connection with { EndpointUrl = new Uri("http://127.0.0.1:1") });

        var error = Assert.ThrowsAsync<SourceException>(
            () => services.GetRequiredKeyedService<IReplicaSourceProvider>("nowhere").GetInstanceAsync("web"));

        Assert.That(error!.Message, Does.Contain("cannot be reached"));
    }

    [Test]
    public async Task GetInstanceAsync_AssumedRole_CallsAsTheRole()
    {
        var id = await _account.LaunchAsync("web");
        using var services = Register("role", _account.Connection with { RoleArn = "arn:aws:iam::123456789012:role/replicate", ExternalId = "x" });

        await services.GetRequiredKeyedService<IReplicaSourceProvider>("role").GetInstanceAsync(id);

        var calls = _account.Emulator.Calls.GetLatest();
        Assert.That(calls.Count(c => c.Operation == "AssumeRole"), Is.EqualTo(1));
        Assert.That(calls[^1].AccessKeyId, Is.Not.EqualTo(_account.Connection.AccessKeyId));
    }

    [Test]
    public async Task GetInstanceAsync_EveryCall_NamesTheLibrary()
    {
        var id = await _account.LaunchAsync("web");
        _account.Emulator.Calls.Clear();

        await _account.Provider.GetInstanceAsync(id);

        Assert.That(_account.Emulator.Calls.GetLatest().Select(c => c.UserAgent), Has.All.Contains("lib/coriolis-aws#"));
    }

    private ServiceProvider Register(string name, AwsConnectionInfo connection, string? otherName = null, AwsConnectionInfo? other = null)
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(_account.Clock)
            .AddCoriolisAws(name, builder => builder.UseConnection(connection));
        if (otherName is not null && other is not null)
        {
            services.AddCoriolisAws(otherName, builder => builder.UseConnection(other));
        }

        return services.BuildServiceProvider();
    }
}
